"""The sample: 65 real collaborations from public sources, and the fictional Exampleshire."""
