"""The evaluation of any scorer: metrics, statistics, the run and its report."""
