-- What is open is searched most, and is little beside all that was ever settled: one
-- index of both took 46 ms for a common word beside 1,000,000 settled tasks.
drop index app.task_search;
create index task_search_open on app.task using gin (search) where resolved_at is null;
create index task_search_settled on app.task using gin (search) where resolved_at is not null;
