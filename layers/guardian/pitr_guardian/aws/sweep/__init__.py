"""What a sweep looks at: catalogues of tables, and trails."""
