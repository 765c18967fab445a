CREATE SCHEMA qar;

CREATE SCHEMA shared;

CREATE TYPE public.job_status AS ENUM (
    'queued',
    'picked',
    'successful',
    'exception',
    'canceled',
    'deleted',
    'failed'
);

CREATE TYPE qar.job_status AS ENUM (
    'queued',
    'picked',
    'successful',
    'exception',
    'canceled',
    'deleted',
    'failed'
);

CREATE FUNCTION public.analyze_shelf() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'shared'
    AS $$
BEGIN
    ANALYZE items, files, item_files, folders;
    RETURN true;
END;
$$;

CREATE FUNCTION public.events_emitted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('ch_events', '');
    RETURN NULL;
END;
$$;

CREATE FUNCTION public.forget_activity(before timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'shared'
    AS $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = '"public".activity'::regclass
          AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before AT TIME ZONE 'UTC'
    LOOP
        EXECUTE format('DROP TABLE "public".%I', name);
    END LOOP;
    DELETE FROM "public".activity WHERE happened_at < before;
    RETURN true;
END;
$$;

CREATE FUNCTION public.jobs_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'ch',
            json_build_object(
                'channel', 'ch',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$$;

CREATE FUNCTION public.jobs_ended() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO job_ends (job_id, kind, queue, failure_count, created_at, began_at, ended_at)
    SELECT id, headers ->> 'kind', entrypoint, attempts, created,
           CASE WHEN status = 'picked' THEN updated END, now()
    FROM gone;
    RETURN NULL;
END;
$$;

CREATE FUNCTION public.make_activity_month(instant timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'shared'
    AS $$
DECLARE
    month timestamp := date_trunc('month', instant AT TIME ZONE 'UTC');
    name  text := to_char(month, '"activity_"YYYY_MM');
BEGIN
    IF to_regclass('"public".' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    LOCK TABLE "public".activity IN SHARE UPDATE EXCLUSIVE MODE;
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS "public".%I PARTITION OF "public".activity FOR VALUES FROM (%L) TO (%L)',
        name, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'
    );
    RETURN true;
END;
$$;

CREATE FUNCTION qar.analyze_shelf() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'qar', 'shared'
    AS $$
BEGIN
    ANALYZE items, files, item_files, folders;
    RETURN true;
END;
$$;

CREATE FUNCTION qar.events_emitted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('ch_events', '');
    RETURN NULL;
END;
$$;

CREATE FUNCTION qar.forget_activity(before timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'qar', 'shared'
    AS $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = '"qar".activity'::regclass
          AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before AT TIME ZONE 'UTC'
    LOOP
        EXECUTE format('DROP TABLE "qar".%I', name);
    END LOOP;
    DELETE FROM "qar".activity WHERE happened_at < before;
    RETURN true;
END;
$$;

CREATE FUNCTION qar.jobs_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'ch',
            json_build_object(
                'channel', 'ch',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$$;

CREATE FUNCTION qar.jobs_ended() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO job_ends (job_id, kind, queue, failure_count, created_at, began_at, ended_at)
    SELECT id, headers ->> 'kind', entrypoint, attempts, created,
           CASE WHEN status = 'picked' THEN updated END, now()
    FROM gone;
    RETURN NULL;
END;
$$;

CREATE FUNCTION qar.make_activity_month(instant timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'qar', 'shared'
    AS $$
DECLARE
    month timestamp := date_trunc('month', instant AT TIME ZONE 'UTC');
    name  text := to_char(month, '"activity_"YYYY_MM');
BEGIN
    IF to_regclass('"qar".' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    LOCK TABLE "qar".activity IN SHARE UPDATE EXCLUSIVE MODE;
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS "qar".%I PARTITION OF "qar".activity FOR VALUES FROM (%L) TO (%L)',
        name, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'
    );
    RETURN true;
END;
$$;

CREATE TABLE public.activity (
    happened_at timestamp with time zone NOT NULL,
    "position" bigint NOT NULL,
    kind text NOT NULL,
    actor_id uuid,
    actor_name text,
    address text,
    subject_id uuid,
    subject text,
    failure text
)
PARTITION BY RANGE (happened_at);

CREATE TABLE public.event_cursors (
    consumer text NOT NULL,
    "position" bigint NOT NULL
);

CREATE TABLE public.event_failures (
    consumer text NOT NULL,
    "position" bigint NOT NULL,
    reason text NOT NULL,
    failed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.events (
    number bigint NOT NULL,
    "position" bigint,
    kind text NOT NULL,
    body text NOT NULL,
    emitted_at timestamp with time zone NOT NULL
);

ALTER TABLE public.events ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.events_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.external_ids (
    item_id uuid NOT NULL,
    source text NOT NULL,
    value text NOT NULL
);

CREATE TABLE public.files (
    file_id uuid NOT NULL,
    root_id uuid NOT NULL,
    path bytea NOT NULL,
    size_bytes bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    fingerprint bytea,
    probe jsonb,
    state text DEFAULT 'present'::text NOT NULL,
    error jsonb,
    folder_id uuid NOT NULL,
    role text NOT NULL,
    CONSTRAINT files_role_check CHECK ((role = ANY (ARRAY['media'::text, 'stub'::text, 'subtitle'::text, 'image'::text, 'sidecar'::text]))),
    CONSTRAINT files_state_check CHECK ((state = ANY (ARRAY['present'::text, 'missing'::text])))
);

CREATE TABLE public.folders (
    folder_id uuid NOT NULL,
    root_id uuid NOT NULL,
    path bytea NOT NULL,
    home bytea NOT NULL,
    signature bytea,
    media_count integer DEFAULT 0 NOT NULL,
    is_due boolean NOT NULL
);

CREATE TABLE public.images (
    image_id uuid NOT NULL,
    item_id uuid NOT NULL,
    kind text NOT NULL,
    lang text,
    votes integer DEFAULT 0 NOT NULL,
    blurhash text,
    width_px integer NOT NULL,
    height_px integer NOT NULL,
    source bytea
);

CREATE TABLE public.item_files (
    item_id uuid NOT NULL,
    file_id uuid NOT NULL,
    role text NOT NULL,
    version smallint DEFAULT 0 NOT NULL,
    part smallint DEFAULT 0 NOT NULL,
    starts_at_ms bigint DEFAULT 0 NOT NULL,
    CONSTRAINT item_files_role_check CHECK ((role = ANY (ARRAY['media'::text, 'stub'::text, 'subtitle'::text, 'sidecar'::text, 'poster'::text, 'backdrop'::text, 'banner'::text, 'clearart'::text, 'disc'::text, 'landscape'::text, 'logo'::text])))
);

CREATE TABLE public.items (
    item_id uuid NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    library_id uuid NOT NULL,
    parent_id uuid,
    root_item_id uuid NOT NULL,
    title text NOT NULL,
    sort_title text NOT NULL,
    year smallint,
    ordinal integer[] DEFAULT '{}'::integer[] NOT NULL,
    length bigint,
    unit text NOT NULL,
    rating_level smallint NOT NULL,
    on_shelf boolean NOT NULL,
    image_id uuid,
    card_json text NOT NULL,
    state text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    folded_title text GENERATED ALWAYS AS ("left"(replace(regexp_replace(NORMALIZE(lower((title COLLATE pg_c_utf8)), NFKD), '[\u0300-\u036f]'::text, ''::text, 'g'::text), 'ß'::text, 'ss'::text), 150)) STORED NOT NULL,
    is_picture_due boolean DEFAULT true NOT NULL,
    CONSTRAINT items_rating_level_check CHECK (((rating_level >= 0) AND (rating_level <= 100))),
    CONSTRAINT items_state_check CHECK ((state = ANY (ARRAY['present'::text, 'missing'::text]))),
    CONSTRAINT items_unit_check CHECK ((unit = ANY (ARRAY['ms'::text, 'page'::text, 'permille'::text, 'none'::text])))
);

CREATE TABLE public.job_ends (
    job_id bigint NOT NULL,
    kind text,
    queue text NOT NULL,
    failure_count integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    began_at timestamp with time zone,
    ended_at timestamp with time zone NOT NULL
);

CREATE TABLE public.job_log (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    job_id bigint NOT NULL,
    status public.job_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

ALTER TABLE public.job_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.job_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.job_pauses (
    queue text NOT NULL,
    paused_at timestamp with time zone NOT NULL
);

CREATE TABLE public.job_progress (
    job_id bigint NOT NULL,
    done_count bigint NOT NULL,
    total_count bigint NOT NULL,
    note text NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.job_schedules (
    id bigint NOT NULL,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    next_run timestamp with time zone DEFAULT now() NOT NULL,
    last_run timestamp with time zone,
    status public.job_status DEFAULT 'queued'::public.job_status
);

CREATE SEQUENCE public.job_schedules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.job_schedules_id_seq OWNED BY public.job_schedules.id;

CREATE TABLE public.job_statistics (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT date_trunc('sec'::text, now()) NOT NULL,
    count bigint NOT NULL,
    priority integer NOT NULL,
    status public.job_status NOT NULL,
    entrypoint text NOT NULL
);

CREATE SEQUENCE public.job_statistics_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.job_statistics_id_seq OWNED BY public.job_statistics.id;

CREATE TABLE public.jobs (
    id bigint NOT NULL,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    execute_after timestamp with time zone DEFAULT now() NOT NULL,
    status public.job_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer DEFAULT 0 NOT NULL,
    slot bigint
);

CREATE SEQUENCE public.jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.jobs_id_seq OWNED BY public.jobs.id;

CREATE TABLE public.keyframes (
    file_id uuid NOT NULL,
    size_bytes bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    times_ms integer[] NOT NULL,
    length_ms bigint NOT NULL
);

CREATE TABLE public.lexemes (
    word text NOT NULL,
    ndoc integer NOT NULL
);

CREATE TABLE public.libraries (
    library_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.list_entries (
    list_id uuid NOT NULL,
    "position" bigint NOT NULL,
    item_id uuid NOT NULL
);

CREATE TABLE public.lists (
    list_id uuid NOT NULL,
    owner uuid NOT NULL,
    kind text NOT NULL,
    pool text NOT NULL,
    rules jsonb
);

CREATE TABLE public.marks (
    profile_id uuid NOT NULL,
    item_id uuid NOT NULL,
    favourite boolean DEFAULT false NOT NULL,
    rating_100 smallint,
    CONSTRAINT marks_rating_100_check CHECK (((rating_100 >= 0) AND (rating_100 <= 100)))
);

CREATE TABLE public.movie_extras (
    item_id uuid NOT NULL,
    kind text NOT NULL
);

CREATE TABLE public.movie_versions (
    item_id uuid NOT NULL,
    version smallint NOT NULL,
    label text NOT NULL,
    edition text,
    format_3d text,
    disc text
);

CREATE TABLE public.movies (
    item_id uuid NOT NULL,
    tagline text,
    overview text,
    released_on date
);

CREATE TABLE public.play_preferences (
    profile_id uuid NOT NULL,
    audio_languages text[] NOT NULL,
    subtitle_languages text[] NOT NULL
);

CREATE TABLE public.plays (
    play_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    item_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    from_pos bigint NOT NULL,
    to_pos bigint NOT NULL,
    device text NOT NULL,
    method text NOT NULL,
    source text NOT NULL
)
PARTITION BY RANGE (started_at);

CREATE TABLE public.plays_default (
    play_id uuid CONSTRAINT plays_play_id_not_null NOT NULL,
    profile_id uuid CONSTRAINT plays_profile_id_not_null NOT NULL,
    item_id uuid CONSTRAINT plays_item_id_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT plays_started_at_not_null NOT NULL,
    ended_at timestamp with time zone,
    from_pos bigint CONSTRAINT plays_from_pos_not_null NOT NULL,
    to_pos bigint CONSTRAINT plays_to_pos_not_null NOT NULL,
    device text CONSTRAINT plays_device_not_null NOT NULL,
    method text CONSTRAINT plays_method_not_null NOT NULL,
    source text CONSTRAINT plays_source_not_null NOT NULL
);

CREATE TABLE public.progress (
    profile_id uuid NOT NULL,
    item_id uuid NOT NULL,
    "position" bigint NOT NULL,
    fraction real NOT NULL,
    done_count integer DEFAULT 0 NOT NULL,
    hidden boolean DEFAULT false NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT progress_fraction_check CHECK (((fraction >= (0)::double precision) AND (fraction <= (1)::double precision))),
    CONSTRAINT progress_position_check CHECK (("position" >= 0))
);

CREATE TABLE public.roots (
    root_id uuid NOT NULL,
    library_id uuid NOT NULL,
    path bytea NOT NULL,
    state text DEFAULT 'online'::text NOT NULL,
    CONSTRAINT roots_state_check CHECK ((state = ANY (ARRAY['online'::text, 'offline'::text])))
);

CREATE TABLE public.scans (
    scan_id uuid NOT NULL,
    library_id uuid NOT NULL,
    state text NOT NULL,
    phase text NOT NULL,
    found_count integer DEFAULT 0 NOT NULL,
    done_count integer DEFAULT 0 NOT NULL,
    error_count integer DEFAULT 0 NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    error_code text,
    error_detail text,
    scope jsonb,
    job_id bigint,
    CONSTRAINT scans_phase_check CHECK ((phase = ANY (ARRAY['walk'::text, 'probe'::text, 'done'::text]))),
    CONSTRAINT scans_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE public.schedules (
    name text NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE public.search_documents (
    item_id uuid NOT NULL,
    kind text NOT NULL,
    library_id uuid NOT NULL,
    rating_level smallint NOT NULL,
    title text NOT NULL,
    body tsvector NOT NULL,
    facets jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE public.segments (
    file_id uuid NOT NULL,
    kind text NOT NULL,
    start_ms bigint NOT NULL,
    end_ms bigint NOT NULL,
    title text,
    CONSTRAINT segments_check CHECK ((end_ms >= start_ms))
);

CREATE TABLE public.setting_changes (
    change_id uuid NOT NULL,
    section text NOT NULL,
    name text NOT NULL,
    value_from jsonb NOT NULL,
    value_to jsonb NOT NULL,
    is_reset boolean NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.settings (
    section text NOT NULL,
    name text NOT NULL,
    chosen jsonb NOT NULL
);

CREATE TABLE public.subtitles (
    item_id uuid NOT NULL,
    file_id uuid NOT NULL,
    stream_index smallint NOT NULL,
    of_file_id uuid,
    format text NOT NULL,
    language text,
    title text,
    is_default boolean NOT NULL,
    is_forced boolean NOT NULL,
    is_hearing_impaired boolean NOT NULL
);

CREATE TABLE qar.activity (
    happened_at timestamp with time zone NOT NULL,
    "position" bigint NOT NULL,
    kind text NOT NULL,
    actor_id uuid,
    actor_name text,
    address text,
    subject_id uuid,
    subject text,
    failure text
)
PARTITION BY RANGE (happened_at);

CREATE TABLE qar.event_cursors (
    consumer text NOT NULL,
    "position" bigint NOT NULL
);

CREATE TABLE qar.event_failures (
    consumer text NOT NULL,
    "position" bigint NOT NULL,
    reason text NOT NULL,
    failed_at timestamp with time zone NOT NULL
);

CREATE TABLE qar.events (
    number bigint NOT NULL,
    "position" bigint,
    kind text NOT NULL,
    body text NOT NULL,
    emitted_at timestamp with time zone NOT NULL
);

ALTER TABLE qar.events ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME qar.events_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE qar.external_ids (
    item_id uuid NOT NULL,
    source text NOT NULL,
    value text NOT NULL
);

CREATE TABLE qar.files (
    file_id uuid NOT NULL,
    root_id uuid NOT NULL,
    path bytea NOT NULL,
    size_bytes bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    fingerprint bytea,
    probe jsonb,
    state text DEFAULT 'present'::text NOT NULL,
    error jsonb,
    folder_id uuid NOT NULL,
    role text NOT NULL,
    CONSTRAINT files_role_check CHECK ((role = ANY (ARRAY['media'::text, 'stub'::text, 'subtitle'::text, 'image'::text, 'sidecar'::text]))),
    CONSTRAINT files_state_check CHECK ((state = ANY (ARRAY['present'::text, 'missing'::text])))
);

CREATE TABLE qar.folders (
    folder_id uuid NOT NULL,
    root_id uuid NOT NULL,
    path bytea NOT NULL,
    home bytea NOT NULL,
    signature bytea,
    media_count integer DEFAULT 0 NOT NULL,
    is_due boolean NOT NULL
);

CREATE TABLE qar.images (
    image_id uuid NOT NULL,
    item_id uuid NOT NULL,
    kind text NOT NULL,
    lang text,
    votes integer DEFAULT 0 NOT NULL,
    blurhash text,
    width_px integer NOT NULL,
    height_px integer NOT NULL,
    source bytea
);

CREATE TABLE qar.item_files (
    item_id uuid NOT NULL,
    file_id uuid NOT NULL,
    role text NOT NULL,
    version smallint DEFAULT 0 NOT NULL,
    part smallint DEFAULT 0 NOT NULL,
    starts_at_ms bigint DEFAULT 0 NOT NULL,
    CONSTRAINT item_files_role_check CHECK ((role = ANY (ARRAY['media'::text, 'stub'::text, 'subtitle'::text, 'sidecar'::text, 'poster'::text, 'backdrop'::text, 'banner'::text, 'clearart'::text, 'disc'::text, 'landscape'::text, 'logo'::text])))
);

CREATE TABLE qar.items (
    item_id uuid NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    library_id uuid NOT NULL,
    parent_id uuid,
    root_item_id uuid NOT NULL,
    title text NOT NULL,
    sort_title text NOT NULL,
    year smallint,
    ordinal integer[] DEFAULT '{}'::integer[] NOT NULL,
    length bigint,
    unit text NOT NULL,
    rating_level smallint NOT NULL,
    on_shelf boolean NOT NULL,
    image_id uuid,
    card_json text NOT NULL,
    state text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    folded_title text GENERATED ALWAYS AS ("left"(replace(regexp_replace(NORMALIZE(lower((title COLLATE pg_c_utf8)), NFKD), '[\u0300-\u036f]'::text, ''::text, 'g'::text), 'ß'::text, 'ss'::text), 150)) STORED NOT NULL,
    is_picture_due boolean DEFAULT true NOT NULL,
    CONSTRAINT items_rating_level_check CHECK (((rating_level >= 0) AND (rating_level <= 100))),
    CONSTRAINT items_state_check CHECK ((state = ANY (ARRAY['present'::text, 'missing'::text]))),
    CONSTRAINT items_unit_check CHECK ((unit = ANY (ARRAY['ms'::text, 'page'::text, 'permille'::text, 'none'::text])))
);

CREATE TABLE qar.job_ends (
    job_id bigint NOT NULL,
    kind text,
    queue text NOT NULL,
    failure_count integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    began_at timestamp with time zone,
    ended_at timestamp with time zone NOT NULL
);

CREATE TABLE qar.job_log (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    job_id bigint NOT NULL,
    status qar.job_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

ALTER TABLE qar.job_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME qar.job_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE qar.job_pauses (
    queue text NOT NULL,
    paused_at timestamp with time zone NOT NULL
);

CREATE TABLE qar.job_progress (
    job_id bigint NOT NULL,
    done_count bigint NOT NULL,
    total_count bigint NOT NULL,
    note text NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE qar.job_schedules (
    id bigint NOT NULL,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    next_run timestamp with time zone DEFAULT now() NOT NULL,
    last_run timestamp with time zone,
    status qar.job_status DEFAULT 'queued'::qar.job_status
);

CREATE SEQUENCE qar.job_schedules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE qar.job_schedules_id_seq OWNED BY qar.job_schedules.id;

CREATE TABLE qar.job_statistics (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT date_trunc('sec'::text, now()) NOT NULL,
    count bigint NOT NULL,
    priority integer NOT NULL,
    status qar.job_status NOT NULL,
    entrypoint text NOT NULL
);

CREATE SEQUENCE qar.job_statistics_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE qar.job_statistics_id_seq OWNED BY qar.job_statistics.id;

CREATE TABLE qar.jobs (
    id bigint NOT NULL,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    execute_after timestamp with time zone DEFAULT now() NOT NULL,
    status qar.job_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer DEFAULT 0 NOT NULL,
    slot bigint
);

CREATE SEQUENCE qar.jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE qar.jobs_id_seq OWNED BY qar.jobs.id;

CREATE TABLE qar.keyframes (
    file_id uuid NOT NULL,
    size_bytes bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    times_ms integer[] NOT NULL,
    length_ms bigint NOT NULL
);

CREATE TABLE qar.lexemes (
    word text NOT NULL,
    ndoc integer NOT NULL
);

CREATE TABLE qar.libraries (
    library_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE qar.list_entries (
    list_id uuid NOT NULL,
    "position" bigint NOT NULL,
    item_id uuid NOT NULL
);

CREATE TABLE qar.lists (
    list_id uuid NOT NULL,
    owner uuid NOT NULL,
    kind text NOT NULL,
    pool text NOT NULL,
    rules jsonb
);

CREATE TABLE qar.marks (
    profile_id uuid NOT NULL,
    item_id uuid NOT NULL,
    favourite boolean DEFAULT false NOT NULL,
    rating_100 smallint,
    CONSTRAINT marks_rating_100_check CHECK (((rating_100 >= 0) AND (rating_100 <= 100)))
);

CREATE TABLE qar.play_preferences (
    profile_id uuid NOT NULL,
    audio_languages text[] NOT NULL,
    subtitle_languages text[] NOT NULL
);

CREATE TABLE qar.plays (
    play_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    item_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    from_pos bigint NOT NULL,
    to_pos bigint NOT NULL,
    device text NOT NULL,
    method text NOT NULL,
    source text NOT NULL
)
PARTITION BY RANGE (started_at);

CREATE TABLE qar.plays_default (
    play_id uuid CONSTRAINT plays_play_id_not_null NOT NULL,
    profile_id uuid CONSTRAINT plays_profile_id_not_null NOT NULL,
    item_id uuid CONSTRAINT plays_item_id_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT plays_started_at_not_null NOT NULL,
    ended_at timestamp with time zone,
    from_pos bigint CONSTRAINT plays_from_pos_not_null NOT NULL,
    to_pos bigint CONSTRAINT plays_to_pos_not_null NOT NULL,
    device text CONSTRAINT plays_device_not_null NOT NULL,
    method text CONSTRAINT plays_method_not_null NOT NULL,
    source text CONSTRAINT plays_source_not_null NOT NULL
);

CREATE TABLE qar.progress (
    profile_id uuid NOT NULL,
    item_id uuid NOT NULL,
    "position" bigint NOT NULL,
    fraction real NOT NULL,
    done_count integer DEFAULT 0 NOT NULL,
    hidden boolean DEFAULT false NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT progress_fraction_check CHECK (((fraction >= (0)::double precision) AND (fraction <= (1)::double precision))),
    CONSTRAINT progress_position_check CHECK (("position" >= 0))
);

CREATE TABLE qar.roots (
    root_id uuid NOT NULL,
    library_id uuid NOT NULL,
    path bytea NOT NULL,
    state text DEFAULT 'online'::text NOT NULL,
    CONSTRAINT roots_state_check CHECK ((state = ANY (ARRAY['online'::text, 'offline'::text])))
);

CREATE TABLE qar.scans (
    scan_id uuid NOT NULL,
    library_id uuid NOT NULL,
    state text NOT NULL,
    phase text NOT NULL,
    found_count integer DEFAULT 0 NOT NULL,
    done_count integer DEFAULT 0 NOT NULL,
    error_count integer DEFAULT 0 NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    error_code text,
    error_detail text,
    scope jsonb,
    job_id bigint,
    CONSTRAINT scans_phase_check CHECK ((phase = ANY (ARRAY['walk'::text, 'probe'::text, 'done'::text]))),
    CONSTRAINT scans_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE qar.schedules (
    name text NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE qar.search_documents (
    item_id uuid NOT NULL,
    kind text NOT NULL,
    library_id uuid NOT NULL,
    rating_level smallint NOT NULL,
    title text NOT NULL,
    body tsvector NOT NULL,
    facets jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE qar.segments (
    file_id uuid NOT NULL,
    kind text NOT NULL,
    start_ms bigint NOT NULL,
    end_ms bigint NOT NULL,
    title text,
    CONSTRAINT segments_check CHECK ((end_ms >= start_ms))
);

CREATE TABLE qar.setting_changes (
    change_id uuid NOT NULL,
    section text NOT NULL,
    name text NOT NULL,
    value_from jsonb NOT NULL,
    value_to jsonb NOT NULL,
    is_reset boolean NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE qar.settings (
    section text NOT NULL,
    name text NOT NULL,
    chosen jsonb NOT NULL
);

CREATE TABLE qar.subtitles (
    item_id uuid NOT NULL,
    file_id uuid NOT NULL,
    stream_index smallint NOT NULL,
    of_file_id uuid,
    format text NOT NULL,
    language text,
    title text,
    is_default boolean NOT NULL,
    is_forced boolean NOT NULL,
    is_hearing_impaired boolean NOT NULL
);

CREATE TABLE shared.channels (
    realm text NOT NULL,
    name text NOT NULL
);

CREATE TABLE shared.login_failures (
    key text NOT NULL,
    failure_count integer NOT NULL,
    locked_until timestamp with time zone,
    failed_at timestamp with time zone NOT NULL
);

CREATE TABLE shared.migrations (
    number integer NOT NULL,
    realm text NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE shared.profiles (
    profile_id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL,
    language text,
    max_level smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    pin_hash text,
    CONSTRAINT profiles_max_level_check CHECK (((max_level >= 0) AND (max_level <= 100)))
);

CREATE TABLE shared.sessions (
    session_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    device_name text NOT NULL,
    client_address text NOT NULL,
    user_agent text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT sessions_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE shared.setup_steps (
    step text NOT NULL,
    state text NOT NULL,
    done_at timestamp with time zone NOT NULL,
    CONSTRAINT setup_steps_state_check CHECK ((state = ANY (ARRAY['done'::text, 'skipped'::text])))
);

CREATE TABLE shared.users (
    user_id uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    display_name text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL,
    language text NOT NULL,
    is_disabled boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['administrator'::text, 'member'::text])))
);

ALTER TABLE ONLY public.plays ATTACH PARTITION public.plays_default DEFAULT;

ALTER TABLE ONLY qar.plays ATTACH PARTITION qar.plays_default DEFAULT;

ALTER TABLE ONLY public.job_schedules ALTER COLUMN id SET DEFAULT nextval('public.job_schedules_id_seq'::regclass);

ALTER TABLE ONLY public.job_statistics ALTER COLUMN id SET DEFAULT nextval('public.job_statistics_id_seq'::regclass);

ALTER TABLE ONLY public.jobs ALTER COLUMN id SET DEFAULT nextval('public.jobs_id_seq'::regclass);

ALTER TABLE ONLY qar.job_schedules ALTER COLUMN id SET DEFAULT nextval('qar.job_schedules_id_seq'::regclass);

ALTER TABLE ONLY qar.job_statistics ALTER COLUMN id SET DEFAULT nextval('qar.job_statistics_id_seq'::regclass);

ALTER TABLE ONLY qar.jobs ALTER COLUMN id SET DEFAULT nextval('qar.jobs_id_seq'::regclass);

ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_pkey PRIMARY KEY (happened_at, "position");

ALTER TABLE ONLY public.event_cursors
    ADD CONSTRAINT event_cursors_pkey PRIMARY KEY (consumer);

ALTER TABLE ONLY public.event_failures
    ADD CONSTRAINT event_failures_pkey PRIMARY KEY (consumer, "position");

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_position_key UNIQUE ("position");

ALTER TABLE ONLY public.external_ids
    ADD CONSTRAINT external_ids_pkey PRIMARY KEY (item_id, source, value);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_root_id_path_key UNIQUE (root_id, path);

ALTER TABLE ONLY public.folders
    ADD CONSTRAINT folders_pkey PRIMARY KEY (folder_id);

ALTER TABLE ONLY public.folders
    ADD CONSTRAINT folders_root_id_path_key UNIQUE (root_id, path);

ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_pkey PRIMARY KEY (image_id);

ALTER TABLE ONLY public.item_files
    ADD CONSTRAINT item_files_pkey PRIMARY KEY (item_id, file_id);

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_library_id_key_key UNIQUE (library_id, key);

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (item_id);

ALTER TABLE ONLY public.job_ends
    ADD CONSTRAINT job_ends_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY public.job_log
    ADD CONSTRAINT job_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.job_pauses
    ADD CONSTRAINT job_pauses_pkey PRIMARY KEY (queue);

ALTER TABLE ONLY public.job_progress
    ADD CONSTRAINT job_progress_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY public.job_schedules
    ADD CONSTRAINT job_schedules_expression_entrypoint_key UNIQUE (expression, entrypoint);

ALTER TABLE ONLY public.job_schedules
    ADD CONSTRAINT job_schedules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.job_statistics
    ADD CONSTRAINT job_statistics_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.keyframes
    ADD CONSTRAINT keyframes_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY public.lexemes
    ADD CONSTRAINT lexemes_pkey PRIMARY KEY (word);

ALTER TABLE ONLY public.libraries
    ADD CONSTRAINT libraries_pkey PRIMARY KEY (library_id);

ALTER TABLE ONLY public.list_entries
    ADD CONSTRAINT list_entries_pkey PRIMARY KEY (list_id, "position");

ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_pkey PRIMARY KEY (list_id);

ALTER TABLE ONLY public.marks
    ADD CONSTRAINT marks_pkey PRIMARY KEY (profile_id, item_id);

ALTER TABLE ONLY public.movie_extras
    ADD CONSTRAINT movie_extras_pkey PRIMARY KEY (item_id);

ALTER TABLE ONLY public.movie_versions
    ADD CONSTRAINT movie_versions_pkey PRIMARY KEY (item_id, version);

ALTER TABLE ONLY public.movies
    ADD CONSTRAINT movies_pkey PRIMARY KEY (item_id);

ALTER TABLE ONLY public.play_preferences
    ADD CONSTRAINT play_preferences_pkey PRIMARY KEY (profile_id);

ALTER TABLE ONLY public.plays
    ADD CONSTRAINT plays_pkey PRIMARY KEY (play_id, started_at);

ALTER TABLE ONLY public.plays_default
    ADD CONSTRAINT plays_default_pkey PRIMARY KEY (play_id, started_at);

ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (profile_id, item_id);

ALTER TABLE ONLY public.roots
    ADD CONSTRAINT roots_library_id_path_key UNIQUE (library_id, path);

ALTER TABLE ONLY public.roots
    ADD CONSTRAINT roots_pkey PRIMARY KEY (root_id);

ALTER TABLE ONLY public.scans
    ADD CONSTRAINT scans_pkey PRIMARY KEY (scan_id);

ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.search_documents
    ADD CONSTRAINT search_documents_pkey PRIMARY KEY (item_id);

ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (file_id, kind, start_ms);

ALTER TABLE ONLY public.setting_changes
    ADD CONSTRAINT setting_changes_pkey PRIMARY KEY (change_id);

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (section, name);

ALTER TABLE ONLY public.subtitles
    ADD CONSTRAINT subtitles_pkey PRIMARY KEY (item_id, file_id, stream_index);

ALTER TABLE ONLY qar.activity
    ADD CONSTRAINT activity_pkey PRIMARY KEY (happened_at, "position");

ALTER TABLE ONLY qar.event_cursors
    ADD CONSTRAINT event_cursors_pkey PRIMARY KEY (consumer);

ALTER TABLE ONLY qar.event_failures
    ADD CONSTRAINT event_failures_pkey PRIMARY KEY (consumer, "position");

ALTER TABLE ONLY qar.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (number);

ALTER TABLE ONLY qar.events
    ADD CONSTRAINT events_position_key UNIQUE ("position");

ALTER TABLE ONLY qar.external_ids
    ADD CONSTRAINT external_ids_pkey PRIMARY KEY (item_id, source, value);

ALTER TABLE ONLY qar.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY qar.files
    ADD CONSTRAINT files_root_id_path_key UNIQUE (root_id, path);

ALTER TABLE ONLY qar.folders
    ADD CONSTRAINT folders_pkey PRIMARY KEY (folder_id);

ALTER TABLE ONLY qar.folders
    ADD CONSTRAINT folders_root_id_path_key UNIQUE (root_id, path);

ALTER TABLE ONLY qar.images
    ADD CONSTRAINT images_pkey PRIMARY KEY (image_id);

ALTER TABLE ONLY qar.item_files
    ADD CONSTRAINT item_files_pkey PRIMARY KEY (item_id, file_id);

ALTER TABLE ONLY qar.items
    ADD CONSTRAINT items_library_id_key_key UNIQUE (library_id, key);

ALTER TABLE ONLY qar.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (item_id);

ALTER TABLE ONLY qar.job_ends
    ADD CONSTRAINT job_ends_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY qar.job_log
    ADD CONSTRAINT job_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY qar.job_pauses
    ADD CONSTRAINT job_pauses_pkey PRIMARY KEY (queue);

ALTER TABLE ONLY qar.job_progress
    ADD CONSTRAINT job_progress_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY qar.job_schedules
    ADD CONSTRAINT job_schedules_expression_entrypoint_key UNIQUE (expression, entrypoint);

ALTER TABLE ONLY qar.job_schedules
    ADD CONSTRAINT job_schedules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY qar.job_statistics
    ADD CONSTRAINT job_statistics_pkey PRIMARY KEY (id);

ALTER TABLE ONLY qar.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY qar.keyframes
    ADD CONSTRAINT keyframes_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY qar.lexemes
    ADD CONSTRAINT lexemes_pkey PRIMARY KEY (word);

ALTER TABLE ONLY qar.libraries
    ADD CONSTRAINT libraries_pkey PRIMARY KEY (library_id);

ALTER TABLE ONLY qar.list_entries
    ADD CONSTRAINT list_entries_pkey PRIMARY KEY (list_id, "position");

ALTER TABLE ONLY qar.lists
    ADD CONSTRAINT lists_pkey PRIMARY KEY (list_id);

ALTER TABLE ONLY qar.marks
    ADD CONSTRAINT marks_pkey PRIMARY KEY (profile_id, item_id);

ALTER TABLE ONLY qar.play_preferences
    ADD CONSTRAINT play_preferences_pkey PRIMARY KEY (profile_id);

ALTER TABLE ONLY qar.plays
    ADD CONSTRAINT plays_pkey PRIMARY KEY (play_id, started_at);

ALTER TABLE ONLY qar.plays_default
    ADD CONSTRAINT plays_default_pkey PRIMARY KEY (play_id, started_at);

ALTER TABLE ONLY qar.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (profile_id, item_id);

ALTER TABLE ONLY qar.roots
    ADD CONSTRAINT roots_library_id_path_key UNIQUE (library_id, path);

ALTER TABLE ONLY qar.roots
    ADD CONSTRAINT roots_pkey PRIMARY KEY (root_id);

ALTER TABLE ONLY qar.scans
    ADD CONSTRAINT scans_pkey PRIMARY KEY (scan_id);

ALTER TABLE ONLY qar.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (name);

ALTER TABLE ONLY qar.search_documents
    ADD CONSTRAINT search_documents_pkey PRIMARY KEY (item_id);

ALTER TABLE ONLY qar.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (file_id, kind, start_ms);

ALTER TABLE ONLY qar.setting_changes
    ADD CONSTRAINT setting_changes_pkey PRIMARY KEY (change_id);

ALTER TABLE ONLY qar.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (section, name);

ALTER TABLE ONLY qar.subtitles
    ADD CONSTRAINT subtitles_pkey PRIMARY KEY (item_id, file_id, stream_index);

ALTER TABLE ONLY shared.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (realm);

ALTER TABLE ONLY shared.login_failures
    ADD CONSTRAINT login_failures_pkey PRIMARY KEY (key);

ALTER TABLE ONLY shared.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (number, realm);

ALTER TABLE ONLY shared.profiles
    ADD CONSTRAINT profiles_pkey PRIMARY KEY (profile_id);

ALTER TABLE ONLY shared.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (session_id);

ALTER TABLE ONLY shared.sessions
    ADD CONSTRAINT sessions_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY shared.setup_steps
    ADD CONSTRAINT setup_steps_pkey PRIMARY KEY (step);

ALTER TABLE ONLY shared.users
    ADD CONSTRAINT users_name_key_key UNIQUE (name_key);

ALTER TABLE ONLY shared.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (user_id);

CREATE INDEX activity_actor ON ONLY public.activity USING btree (actor_id, happened_at, "position");

CREATE INDEX events_emitted ON public.events USING brin (emitted_at);

CREATE INDEX events_kind ON public.events USING btree (kind, "position");

CREATE INDEX events_waiting ON public.events USING btree (number) WHERE ("position" IS NULL);

CREATE INDEX external_ids_value ON public.external_ids USING btree (source, value);

CREATE INDEX files_fingerprint ON public.files USING btree (fingerprint);

CREATE INDEX files_folder ON public.files USING btree (folder_id);

CREATE INDEX files_missing ON public.files USING btree (root_id, size_bytes) WHERE ((state = 'missing'::text) AND (fingerprint IS NOT NULL));

CREATE INDEX files_unread ON public.files USING btree (root_id, path) WHERE ((role = 'media'::text) AND (state = 'present'::text) AND (probe IS NULL));

CREATE INDEX folders_due ON public.folders USING btree (root_id, home) WHERE is_due;

CREATE INDEX folders_home ON public.folders USING btree (root_id, home);

CREATE INDEX images_item ON public.images USING btree (item_id);

CREATE INDEX item_files_file ON public.item_files USING btree (file_id);

CREATE INDEX items_by_added ON public.items USING btree (library_id, added_at DESC, item_id DESC) INCLUDE (kind, rating_level, year, folded_title) WHERE (on_shelf AND (state = 'present'::text));

CREATE INDEX items_by_title ON public.items USING btree (kind, sort_title, item_id) INCLUDE (library_id, rating_level, year, folded_title) WHERE (on_shelf AND (state = 'present'::text));

CREATE INDEX items_by_year ON public.items USING btree (kind, ((- COALESCE((year)::integer, 0))), sort_title, item_id) INCLUDE (library_id, rating_level, year, folded_title) WHERE (on_shelf AND (state = 'present'::text));

CREATE INDEX items_parent ON public.items USING btree (parent_id);

CREATE INDEX items_picture_due ON public.items USING btree (library_id, item_id) WHERE is_picture_due;

CREATE INDEX items_root_item ON public.items USING btree (root_item_id);

CREATE INDEX job_ends_ended ON public.job_ends USING btree (ended_at DESC, job_id DESC);

CREATE INDEX job_log_created ON public.job_log USING btree (created);

CREATE INDEX job_log_job_id_status ON public.job_log USING btree (job_id, created DESC);

CREATE INDEX job_log_not_aggregated ON public.job_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX job_log_status ON public.job_log USING btree (status);

CREATE UNIQUE INDEX job_statistics_unique_count ON public.job_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE INDEX jobs_ep_ea_idx ON public.jobs USING btree (entrypoint, execute_after) WHERE (status = 'queued'::public.job_status);

CREATE INDEX jobs_ep_prio_id_idx ON public.jobs USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::public.job_status);

CREATE INDEX jobs_picked_heartbeat_idx ON public.jobs USING btree (heartbeat) WHERE (status = 'picked'::public.job_status);

CREATE UNIQUE INDEX jobs_picked_slot_idx ON public.jobs USING btree (entrypoint, slot) WHERE ((status = 'picked'::public.job_status) AND (slot IS NOT NULL));

CREATE INDEX jobs_priority_id_id1_idx ON public.jobs USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::public.job_status);

CREATE INDEX jobs_queue_manager_id_idx ON public.jobs USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX jobs_unique_dedupe_key ON public.jobs USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::public.job_status, 'picked'::public.job_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX jobs_updated_id_id1_idx ON public.jobs USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::public.job_status);

CREATE INDEX list_entries_item ON public.list_entries USING btree (item_id);

CREATE INDEX lists_owner ON public.lists USING btree (owner);

CREATE INDEX marks_item ON public.marks USING btree (item_id);

CREATE INDEX plays_item ON ONLY public.plays USING btree (item_id);

CREATE INDEX plays_default_item_id_idx ON public.plays_default USING btree (item_id);

CREATE INDEX plays_recent ON ONLY public.plays USING btree (profile_id, started_at DESC);

CREATE INDEX plays_default_profile_id_started_at_idx ON public.plays_default USING btree (profile_id, started_at DESC);

CREATE INDEX progress_item ON public.progress USING btree (item_id);

CREATE INDEX progress_recent ON public.progress USING btree (profile_id, last_at DESC);

CREATE INDEX scans_library ON public.scans USING btree (library_id, started_at DESC);

CREATE UNIQUE INDEX scans_waiting ON public.scans USING btree (library_id) WHERE (state = 'waiting'::text);

CREATE INDEX search_documents_body ON public.search_documents USING gin (body);

CREATE INDEX subtitles_file ON public.subtitles USING btree (file_id);

CREATE INDEX subtitles_of_file ON public.subtitles USING btree (of_file_id);

CREATE INDEX activity_actor ON ONLY qar.activity USING btree (actor_id, happened_at, "position");

CREATE INDEX events_emitted ON qar.events USING brin (emitted_at);

CREATE INDEX events_kind ON qar.events USING btree (kind, "position");

CREATE INDEX events_waiting ON qar.events USING btree (number) WHERE ("position" IS NULL);

CREATE INDEX external_ids_value ON qar.external_ids USING btree (source, value);

CREATE INDEX files_fingerprint ON qar.files USING btree (fingerprint);

CREATE INDEX files_folder ON qar.files USING btree (folder_id);

CREATE INDEX files_missing ON qar.files USING btree (root_id, size_bytes) WHERE ((state = 'missing'::text) AND (fingerprint IS NOT NULL));

CREATE INDEX files_unread ON qar.files USING btree (root_id, path) WHERE ((role = 'media'::text) AND (state = 'present'::text) AND (probe IS NULL));

CREATE INDEX folders_due ON qar.folders USING btree (root_id, home) WHERE is_due;

CREATE INDEX folders_home ON qar.folders USING btree (root_id, home);

CREATE INDEX images_item ON qar.images USING btree (item_id);

CREATE INDEX item_files_file ON qar.item_files USING btree (file_id);

CREATE INDEX items_by_added ON qar.items USING btree (library_id, added_at DESC, item_id DESC) INCLUDE (kind, rating_level, year, folded_title) WHERE (on_shelf AND (state = 'present'::text));

CREATE INDEX items_by_title ON qar.items USING btree (kind, sort_title, item_id) INCLUDE (library_id, rating_level, year, folded_title) WHERE (on_shelf AND (state = 'present'::text));

CREATE INDEX items_by_year ON qar.items USING btree (kind, ((- COALESCE((year)::integer, 0))), sort_title, item_id) INCLUDE (library_id, rating_level, year, folded_title) WHERE (on_shelf AND (state = 'present'::text));

CREATE INDEX items_parent ON qar.items USING btree (parent_id);

CREATE INDEX items_picture_due ON qar.items USING btree (library_id, item_id) WHERE is_picture_due;

CREATE INDEX items_root_item ON qar.items USING btree (root_item_id);

CREATE INDEX job_ends_ended ON qar.job_ends USING btree (ended_at DESC, job_id DESC);

CREATE INDEX job_log_created ON qar.job_log USING btree (created);

CREATE INDEX job_log_job_id_status ON qar.job_log USING btree (job_id, created DESC);

CREATE INDEX job_log_not_aggregated ON qar.job_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX job_log_status ON qar.job_log USING btree (status);

CREATE UNIQUE INDEX job_statistics_unique_count ON qar.job_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE INDEX jobs_ep_ea_idx ON qar.jobs USING btree (entrypoint, execute_after) WHERE (status = 'queued'::qar.job_status);

CREATE INDEX jobs_ep_prio_id_idx ON qar.jobs USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::qar.job_status);

CREATE INDEX jobs_picked_heartbeat_idx ON qar.jobs USING btree (heartbeat) WHERE (status = 'picked'::qar.job_status);

CREATE UNIQUE INDEX jobs_picked_slot_idx ON qar.jobs USING btree (entrypoint, slot) WHERE ((status = 'picked'::qar.job_status) AND (slot IS NOT NULL));

CREATE INDEX jobs_priority_id_id1_idx ON qar.jobs USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::qar.job_status);

CREATE INDEX jobs_queue_manager_id_idx ON qar.jobs USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX jobs_unique_dedupe_key ON qar.jobs USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::qar.job_status, 'picked'::qar.job_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX jobs_updated_id_id1_idx ON qar.jobs USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::qar.job_status);

CREATE INDEX list_entries_item ON qar.list_entries USING btree (item_id);

CREATE INDEX lists_owner ON qar.lists USING btree (owner);

CREATE INDEX marks_item ON qar.marks USING btree (item_id);

CREATE INDEX plays_item ON ONLY qar.plays USING btree (item_id);

CREATE INDEX plays_default_item_id_idx ON qar.plays_default USING btree (item_id);

CREATE INDEX plays_recent ON ONLY qar.plays USING btree (profile_id, started_at DESC);

CREATE INDEX plays_default_profile_id_started_at_idx ON qar.plays_default USING btree (profile_id, started_at DESC);

CREATE INDEX progress_item ON qar.progress USING btree (item_id);

CREATE INDEX progress_recent ON qar.progress USING btree (profile_id, last_at DESC);

CREATE INDEX scans_library ON qar.scans USING btree (library_id, started_at DESC);

CREATE UNIQUE INDEX scans_waiting ON qar.scans USING btree (library_id) WHERE (state = 'waiting'::text);

CREATE INDEX search_documents_body ON qar.search_documents USING gin (body);

CREATE INDEX subtitles_file ON qar.subtitles USING btree (file_id);

CREATE INDEX subtitles_of_file ON qar.subtitles USING btree (of_file_id);

CREATE UNIQUE INDEX profiles_one_default ON shared.profiles USING btree (user_id) WHERE is_default;

CREATE INDEX profiles_user ON shared.profiles USING btree (user_id);

CREATE INDEX sessions_profile ON shared.sessions USING btree (profile_id);

CREATE INDEX sessions_user ON shared.sessions USING btree (user_id, last_seen_at DESC);

ALTER INDEX public.plays_item ATTACH PARTITION public.plays_default_item_id_idx;

ALTER INDEX public.plays_pkey ATTACH PARTITION public.plays_default_pkey;

ALTER INDEX public.plays_recent ATTACH PARTITION public.plays_default_profile_id_started_at_idx;

ALTER INDEX qar.plays_item ATTACH PARTITION qar.plays_default_item_id_idx;

ALTER INDEX qar.plays_pkey ATTACH PARTITION qar.plays_default_pkey;

ALTER INDEX qar.plays_recent ATTACH PARTITION qar.plays_default_profile_id_started_at_idx;

CREATE TRIGGER events_emitted AFTER INSERT ON public.events FOR EACH STATEMENT EXECUTE FUNCTION public.events_emitted();

CREATE TRIGGER jobs_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.jobs FOR EACH STATEMENT EXECUTE FUNCTION public.jobs_changed();

CREATE TRIGGER jobs_ended AFTER DELETE ON public.jobs REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.jobs_ended();

CREATE TRIGGER events_emitted AFTER INSERT ON qar.events FOR EACH STATEMENT EXECUTE FUNCTION qar.events_emitted();

CREATE TRIGGER jobs_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON qar.jobs FOR EACH STATEMENT EXECUTE FUNCTION qar.jobs_changed();

CREATE TRIGGER jobs_ended AFTER DELETE ON qar.jobs REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION qar.jobs_ended();

ALTER TABLE ONLY public.external_ids
    ADD CONSTRAINT external_ids_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_folder_id_fkey FOREIGN KEY (folder_id) REFERENCES public.folders(folder_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_root_id_fkey FOREIGN KEY (root_id) REFERENCES public.roots(root_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.folders
    ADD CONSTRAINT folders_root_id_fkey FOREIGN KEY (root_id) REFERENCES public.roots(root_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.item_files
    ADD CONSTRAINT item_files_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.item_files
    ADD CONSTRAINT item_files_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_library_id_fkey FOREIGN KEY (library_id) REFERENCES public.libraries(library_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_root_item_id_fkey FOREIGN KEY (root_item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.job_progress
    ADD CONSTRAINT job_progress_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.keyframes
    ADD CONSTRAINT keyframes_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.list_entries
    ADD CONSTRAINT list_entries_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.list_entries
    ADD CONSTRAINT list_entries_list_id_fkey FOREIGN KEY (list_id) REFERENCES public.lists(list_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_owner_fkey FOREIGN KEY (owner) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.marks
    ADD CONSTRAINT marks_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.marks
    ADD CONSTRAINT marks_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.movie_extras
    ADD CONSTRAINT movie_extras_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.movie_versions
    ADD CONSTRAINT movie_versions_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.movies
    ADD CONSTRAINT movies_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.play_preferences
    ADD CONSTRAINT play_preferences_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE public.plays
    ADD CONSTRAINT plays_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE public.plays
    ADD CONSTRAINT plays_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.roots
    ADD CONSTRAINT roots_library_id_fkey FOREIGN KEY (library_id) REFERENCES public.libraries(library_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.scans
    ADD CONSTRAINT scans_library_id_fkey FOREIGN KEY (library_id) REFERENCES public.libraries(library_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_documents
    ADD CONSTRAINT search_documents_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.subtitles
    ADD CONSTRAINT subtitles_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.subtitles
    ADD CONSTRAINT subtitles_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.subtitles
    ADD CONSTRAINT subtitles_of_file_id_fkey FOREIGN KEY (of_file_id) REFERENCES public.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.external_ids
    ADD CONSTRAINT external_ids_item_id_fkey FOREIGN KEY (item_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.files
    ADD CONSTRAINT files_folder_id_fkey FOREIGN KEY (folder_id) REFERENCES qar.folders(folder_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.files
    ADD CONSTRAINT files_root_id_fkey FOREIGN KEY (root_id) REFERENCES qar.roots(root_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.folders
    ADD CONSTRAINT folders_root_id_fkey FOREIGN KEY (root_id) REFERENCES qar.roots(root_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.images
    ADD CONSTRAINT images_item_id_fkey FOREIGN KEY (item_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.item_files
    ADD CONSTRAINT item_files_file_id_fkey FOREIGN KEY (file_id) REFERENCES qar.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.item_files
    ADD CONSTRAINT item_files_item_id_fkey FOREIGN KEY (item_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.items
    ADD CONSTRAINT items_library_id_fkey FOREIGN KEY (library_id) REFERENCES qar.libraries(library_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.items
    ADD CONSTRAINT items_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.items
    ADD CONSTRAINT items_root_item_id_fkey FOREIGN KEY (root_item_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.job_progress
    ADD CONSTRAINT job_progress_job_id_fkey FOREIGN KEY (job_id) REFERENCES qar.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.keyframes
    ADD CONSTRAINT keyframes_file_id_fkey FOREIGN KEY (file_id) REFERENCES qar.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.list_entries
    ADD CONSTRAINT list_entries_item_id_fkey FOREIGN KEY (item_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.list_entries
    ADD CONSTRAINT list_entries_list_id_fkey FOREIGN KEY (list_id) REFERENCES qar.lists(list_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.lists
    ADD CONSTRAINT lists_owner_fkey FOREIGN KEY (owner) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.marks
    ADD CONSTRAINT marks_item_id_fkey FOREIGN KEY (item_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.marks
    ADD CONSTRAINT marks_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.play_preferences
    ADD CONSTRAINT play_preferences_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE qar.plays
    ADD CONSTRAINT plays_item_id_fkey FOREIGN KEY (item_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE qar.plays
    ADD CONSTRAINT plays_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.progress
    ADD CONSTRAINT progress_item_id_fkey FOREIGN KEY (item_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.progress
    ADD CONSTRAINT progress_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.roots
    ADD CONSTRAINT roots_library_id_fkey FOREIGN KEY (library_id) REFERENCES qar.libraries(library_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.scans
    ADD CONSTRAINT scans_library_id_fkey FOREIGN KEY (library_id) REFERENCES qar.libraries(library_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.search_documents
    ADD CONSTRAINT search_documents_item_id_fkey FOREIGN KEY (item_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.segments
    ADD CONSTRAINT segments_file_id_fkey FOREIGN KEY (file_id) REFERENCES qar.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.subtitles
    ADD CONSTRAINT subtitles_file_id_fkey FOREIGN KEY (file_id) REFERENCES qar.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.subtitles
    ADD CONSTRAINT subtitles_item_id_fkey FOREIGN KEY (item_id) REFERENCES qar.items(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY qar.subtitles
    ADD CONSTRAINT subtitles_of_file_id_fkey FOREIGN KEY (of_file_id) REFERENCES qar.files(file_id) ON DELETE CASCADE;

ALTER TABLE ONLY shared.profiles
    ADD CONSTRAINT profiles_user_id_fkey FOREIGN KEY (user_id) REFERENCES shared.users(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY shared.sessions
    ADD CONSTRAINT sessions_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES shared.profiles(profile_id) ON DELETE CASCADE;

ALTER TABLE ONLY shared.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES shared.users(user_id) ON DELETE CASCADE;

GRANT USAGE ON SCHEMA public TO rv_public;

GRANT USAGE ON SCHEMA qar TO rv_qar;

GRANT USAGE ON SCHEMA shared TO rv_public;
GRANT USAGE ON SCHEMA shared TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.activity TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.event_cursors TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.event_failures TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.events TO rv_public;

GRANT USAGE ON SEQUENCE public.events_number_seq TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.external_ids TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.files TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.folders TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.images TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.item_files TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.items TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_ends TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_log TO rv_public;

GRANT USAGE ON SEQUENCE public.job_log_id_seq TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_pauses TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_progress TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_schedules TO rv_public;

GRANT USAGE ON SEQUENCE public.job_schedules_id_seq TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_statistics TO rv_public;

GRANT USAGE ON SEQUENCE public.job_statistics_id_seq TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.jobs TO rv_public;

GRANT USAGE ON SEQUENCE public.jobs_id_seq TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.keyframes TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.lexemes TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.libraries TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.list_entries TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.lists TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.marks TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.movie_extras TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.movie_versions TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.movies TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.play_preferences TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.plays TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.plays_default TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.progress TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.roots TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.scans TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.schedules TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_documents TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.segments TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.setting_changes TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.settings TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.subtitles TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.activity TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.event_cursors TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.event_failures TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.events TO rv_qar;

GRANT USAGE ON SEQUENCE qar.events_number_seq TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.external_ids TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.files TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.folders TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.images TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.item_files TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.items TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.job_ends TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.job_log TO rv_qar;

GRANT USAGE ON SEQUENCE qar.job_log_id_seq TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.job_pauses TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.job_progress TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.job_schedules TO rv_qar;

GRANT USAGE ON SEQUENCE qar.job_schedules_id_seq TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.job_statistics TO rv_qar;

GRANT USAGE ON SEQUENCE qar.job_statistics_id_seq TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.jobs TO rv_qar;

GRANT USAGE ON SEQUENCE qar.jobs_id_seq TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.keyframes TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.lexemes TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.libraries TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.list_entries TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.lists TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.marks TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.play_preferences TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.plays TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.plays_default TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.progress TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.roots TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.scans TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.schedules TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.search_documents TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.segments TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.setting_changes TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.settings TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE qar.subtitles TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE shared.login_failures TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE shared.profiles TO rv_public;

GRANT SELECT(profile_id) ON TABLE shared.profiles TO rv_qar;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE shared.sessions TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE shared.setup_steps TO rv_public;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE shared.users TO rv_public;

GRANT SELECT(user_id) ON TABLE shared.users TO rv_qar;
