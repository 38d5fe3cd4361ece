\set number random(1, 9000000000000000000)
select bench.append('account-' || :number::text);
