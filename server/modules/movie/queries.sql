-- get: One film with the profile's progress.
-- $1 library_ids, $2 max_level, $3 item_id, $4 profile_id
select i.library_id, i.card_json, p.position as position_ms, p.fraction, p.done_count, p.last_at
from items i
join movies m on m.item_id = i.item_id
left join progress p on p.item_id = i.item_id and p.profile_id = $4
where i.library_id = any($1::uuid[]) and i.rating_level <= $2
  and i.item_id = $3;

-- place: Give films their own rows; those that have one keep it.
-- $1 item_ids
insert into movies (item_id) select * from unnest($1::uuid[]) on conflict (item_id) do nothing;
