-- What may have left the hub and the books do not say so yet, or the other way round.
create index ix_withdrawals_not_final on read_models.withdrawals (asset, destination_kind, stage)
    include (hold) where not is_final and stage in ('Prepared', 'Sent', 'InBlock', 'Completed');
