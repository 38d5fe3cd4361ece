-- The tips of a community by when they were requested, for whoever goes through a window of time.
create index tip_activity_by_time on read_models.tip_activity (tenant_id, requested_at, tip_id);
