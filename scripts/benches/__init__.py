"""The benchmarks, each measured beside a reference in the same run. `scripts/bench` runs them."""
