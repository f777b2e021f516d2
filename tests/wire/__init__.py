"""What leaves the app on its way to Application Insights or to a collector, as it arrives there."""
