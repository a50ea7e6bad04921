"""What a person does with runs: train, queue, sweep, compare with people, argue, export."""
