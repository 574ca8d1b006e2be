"""A run: a city and an event put into arrays (`draw_inputs`), one draw (`draw`), blocks of draws and their sums (`simulate_draws`).

`present` is a state to start from; `production` says what firms make on a finished recovery.
"""
