"""A stand-in for AWS that answers after so many milliseconds, within so many calls a second.

Its answers are moto's, of one table: what moto says of that table, the front says of every other
one with the name put in. moto itself needs several milliseconds of Python for an answer, so that
any client with more than a few threads would measure moto. All sides of a comparison speak to the
same front.
"""
