"""PITR Guardian: keeps DynamoDB tables recoverable.

Where a rule of the product lives:

* which period a table is entitled to, and who is exempt ............ ``policy``
* what to do about a table as it is now ............................. ``decision``
* what a CloudTrail event says, and about which table ............... ``change``
* carrying a decision out, once ..................................... ``enforcement``
* how a sweep finds a table, and at which pace ..................... ``sweep``
* what a restore request may say .................................... ``restore.request``
* whether it can be granted ......................................... ``preflight``
* what is told to the world, and in which words ..................... ``facts``, ``messages``

Only ``aws`` talks to AWS; only ``wiring`` knows which adapter goes where.
"""
