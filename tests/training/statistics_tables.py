"""Synthetic statistics in the layouts of the schemas: states whose output per head follows industrial electricity."""

import numpy as np
import pandas as pd

STATES = [
    "AL",
    "AZ",
    "CA",
    "CO",
    "CT",
    "FL",
    "GA",
    "IA",
    "IL",
    "IN",
    "KS",
    "MA",
    "MI",
    "MN",
    "NY",
    "OH",
    "OR",
    "PA",
    "TX",
    "WA",
]
LINES = {
    1: "All industry total",
    2: "Private industries",
    11: "Construction",
    12: "Manufacturing",
    13: "Durable",
    35: "Retail trade",
}
FIRST, LAST = 2008, 2021
SECTORS = ("residential", "commercial", "industrial", "transportation", "total")


def statistics(seed: int = 0, strength: float = 1.0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """GDP, income and electricity; `strength` is how much output per head follows industrial sales per head."""
    rng = np.random.default_rng(seed)
    quarters = [(y, q) for y in range(FIRST, LAST + 1) for q in range(1, 5)]
    gdp, income, sales = [], [], []
    for k, state in enumerate([*STATES, "US"]):
        months = 12 * (LAST - FIRST + 1)
        monthly = {s: rng.normal(0, 0.4) + np.cumsum(rng.normal(0.001, 0.02, months)) for s in SECTORS}
        drive = monthly["industrial"].reshape(-1, 3).mean(axis=1)
        for line, name in LINES.items():
            level = (
                np.log(1e4 * (k + 1)) + strength * drive + rng.normal(0, 0.05) + 0.01 * rng.normal(0, 1, len(quarters))
            )
            for (year, quarter), value in zip(quarters, np.exp(level), strict=True):
                for measure in ("gdp", "rgdp"):
                    if state != "US" or measure == "rgdp":  # as in the real file
                        gdp.append((state, year, quarter, line, name, measure, value * (0.1 if line > 2 else 1)))
        for year, quarter in quarters:
            if year >= 2009:
                income.append((state, year, quarter, "population", 1e6 * (k + 1)))
                income.append((state, year, quarter, "income_per_head", 4e4 + 500 * k))
                income.append((state, year, quarter, "wages", 2e4 * (k + 1)))
        if state == "US":
            continue
        for m in range(months):
            for sector in SECTORS:
                if FIRST + m // 12 >= 2010:
                    amount = 1000 * (k + 1) * np.exp(monthly[sector][m])
                    price = 10 * np.exp(0.01 * rng.normal())
                    customers = 500 * (k + 1) * np.exp(0.001 * m + 0.01 * rng.normal())
                    sales.append((state, FIRST + m // 12, m % 12 + 1, sector, amount, amount * price, customers, price))
    return (
        pd.DataFrame(gdp, columns=["state", "year", "quarter", "line", "industry", "measure", "value"]),
        pd.DataFrame(income, columns=["state", "year", "quarter", "measure", "value"]),
        pd.DataFrame(sales, columns=["state", "year", "month", "sector", "sales", "revenue", "customers", "price"]),
    )
