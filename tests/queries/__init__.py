"""The queries of alerts and workbook: parsed and type-checked by Kusto's own parser, and run on rows."""
