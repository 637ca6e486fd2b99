"""People and their data: shown, exported, corrected, deleted (个人信息保护法 arts. 15-17, 44-50).

``registry.yml`` classes every column of every table, ``retention.yml`` says how long what is kept and why. ``asking.py`` and
``deciding.py`` are requests and the staff's answers, ``erasing.py`` the one place that takes a person's data out of the store,
``own.py`` what is known of somebody. The room stands above those whose rows it reads, by their tables alone.
"""
