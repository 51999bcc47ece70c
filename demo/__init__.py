"""The story that `make demo` tells: the point-in-time recovery lab of AWS's own DynamoDB workshop,
live, on the deployed stack.

The demo knows the stack only from outside, as a user does: its outputs, its buses, its topic.
"""
