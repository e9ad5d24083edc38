"""The record's forms, split by noun."""
