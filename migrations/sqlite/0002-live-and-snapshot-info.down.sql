DROP TABLE snapshot_info;
