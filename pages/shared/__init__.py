"""What several pages share: pickers, marks, charts, the form of settings, what terms mean."""
