"""Case studies (案例): what helped in a consultation, told publicly without a name, while its firm agrees.

``workflow.py`` is the table, ``masks.py`` what may not stand in the text (pure), ``writing.py`` drafts and the checklist,
``publishing.py`` signing, withdrawing and the public list. Whoever wrote a word of one does not publish it; a consent taken back withdraws it at once.
"""
