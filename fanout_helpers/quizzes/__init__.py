"""Short quizzes at the end of the lessons, for what the broker's state cannot show."""
