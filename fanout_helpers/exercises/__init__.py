"""Exercises, a module for each lesson, and the check that asks the broker."""
