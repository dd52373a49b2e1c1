"""`make bench`: every benchmark, one after the other."""

from benchmarks import allocation, forecasts, idle_run, landing_amplitude, landing_jira, loading, revenue

if __name__ == "__main__":
    landing_jira.main()
    landing_amplitude.main()
    loading.main()
    idle_run.main()
    revenue.main()
    allocation.main()
    forecasts.main()
