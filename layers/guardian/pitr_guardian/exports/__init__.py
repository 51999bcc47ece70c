"""A table's history as a stream of items: windows, manifests, records, images."""
