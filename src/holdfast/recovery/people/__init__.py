"""People who decide: households that leave and return, firms that move or close, a government that spends.

Each group is an array of agents whose decisions hang on what could be known on the day; they take the place of fixed
shares where a study names the group (`recovery.agents`). ``docs/people.md`` says what is assumed of whom.
"""
