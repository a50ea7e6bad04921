"""What several test files share: drawings, apps, a browser, sweeps, networks, damage."""
