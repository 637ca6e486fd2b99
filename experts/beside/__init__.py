"""Experts beside the leading one, who write their opinions back to back (背靠背): each declares, writes and hands in
without reading the others. Staff read what was handed in; the leading expert and the experts beside read it once all is
in, or once staff opened it with a reason. Entry points: :func:`experts.beside.asking.ask_beside`,
:func:`experts.beside.writing.hand_in`.
"""
