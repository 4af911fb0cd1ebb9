"""What the addresses answer, as types: the OpenAPI document and the tests read these; nothing is copied."""
