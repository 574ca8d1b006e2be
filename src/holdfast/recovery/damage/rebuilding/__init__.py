"""Rebuilding at a city's own pace: queues before a repair, who pays for it, how many builders there are."""
