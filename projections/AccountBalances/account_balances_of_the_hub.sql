-- What the hub has, over all communities, without the balance of a single member.
create index ix_account_balances_of_the_hub on read_models.account_balances (asset, account)
    include (units) where account not in ('MemberAvailable', 'MemberHeld');
