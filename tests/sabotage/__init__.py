"""Sabotage: what the lessons claim is made false on purpose, and each lesson's strict comparison must turn red.

- ``client`` and ``messages`` break what a program asks of RabbitMQ, in pika itself: the cells' calls and the helpers'.
- ``helpers`` breaks what ``fanout_helpers`` tells of RabbitMQ.
- ``virtual_host`` leaves something in RabbitMQ before a lesson begins.

Each function there is a sabotage: it says in its docstring what is wrong, and declares the lessons that must notice.
A lesson that is not declared does nothing that the sabotage could change. ``python -m tests.sabotage`` runs them all.
"""
