from django.db import migrations

# A tsquery's operand as PostgreSQL prints it: quoted, quotes and backslashes doubled, perhaps with :*AB behind.
OPERAND = r"""('(?:[^'\\]|''|\\\\)*')(?::([*A-D]+))?"""

FORWARDS = rf"""
CREATE FUNCTION alerts_quoted(lexeme text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''''
$$;

CREATE FUNCTION alerts_unquoted(operand text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT replace(replace(substr(operand, 2, length(operand) - 2), '''''', ''''), '\\', '\')
$$;

-- What a document must at least satisfy: phrases loosened to AND, weights off. `positive` is a querytree() without minus.
CREATE FUNCTION alerts_loosened(positive text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_agg(regexp_replace(between_operands, '<(?:-|\d+)>', '&', 'g') || coalesce(operand[1], ''), '' ORDER BY n)::tsquery
      FROM ROWS FROM (
          regexp_split_to_table(positive, $re${OPERAND}$re$),
          regexp_matches(positive, $re${OPERAND}$re$, 'g')
      ) WITH ORDINALITY t(between_operands, operand, n)
$$;

-- Lexemes of which every matching document holds at least one, the commonest left out where the rest suffice.
-- Null: there is no such set (nothing but minus words, or a prefix).
CREATE FUNCTION alerts_keyword_keys(keywords tsquery) RETURNS text[] LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    positive text := querytree(keywords);
    loosened tsquery;
    lexemes text[];
    kept text[];
    lexeme text;
BEGIN
    IF positive IN ('', 'T') OR positive ~ $re$':\*$re$ THEN RETURN NULL; END IF;
    loosened := alerts_loosened(positive);
    SELECT array_agg(word ORDER BY coalesce(f.documents, 0) DESC, length(word), word) INTO lexemes
      FROM (SELECT DISTINCT alerts_unquoted(operand[1]) AS word
              FROM regexp_matches(positive, $re${OPERAND}$re$, 'g') AS operand) w
      LEFT JOIN alerts_lexemefrequency f ON f.lexeme = word;
    kept := lexemes;
    FOREACH lexeme IN ARRAY lexemes LOOP
        EXIT WHEN cardinality(kept) = 1;
        IF NOT array_to_tsvector(ARRAY(SELECT unnest(lexemes) EXCEPT SELECT unnest(array_remove(kept, lexeme)))) @@ loosened THEN
            kept := array_remove(kept, lexeme);
        END IF;
    END LOOP;
    RETURN kept;
END $$;

-- Of the keywords' keys and each filter's tokens, those that the fewest adverts hold.
CREATE FUNCTION alerts_anchor_keys(keywords tsquery, filters jsonb) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((
        SELECT keys
          FROM (SELECT alerts_keyword_keys(keywords), 0
                 UNION ALL
                SELECT ARRAY(SELECT DISTINCT jsonb_array_elements_text(tokens)), n
                  FROM jsonb_array_elements(filters) WITH ORDINALITY t(tokens, n)) candidate(keys, n),
               LATERAL (SELECT coalesce(sum(documents), 0) FROM alerts_lexemefrequency WHERE lexeme = ANY (keys)) f(cost)
         WHERE keys IS NOT NULL
         ORDER BY cost, cardinality(keys), n
         LIMIT 1
    ), ARRAY[chr(1) || '*'])
$$;

-- Whether any one of the keys satisfies the whole query, so that it need not be asked again.
CREATE FUNCTION alerts_keys_decide(keys text[], query tsquery) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT query IS NULL
        OR query::text NOT LIKE '%!%' AND (SELECT bool_and(array_to_tsvector(ARRAY[key]) @@ query) FROM unnest(keys) AS key)
$$;

CREATE FUNCTION alerts_keep_search(
    this_fingerprint uuid, this_query_string text, pay bigint, at timestamptz, filters jsonb, keywords tsquery, whole tsquery
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    unchanged integer;
    kept integer;
    keys text[];
BEGIN
    SELECT s.id INTO unchanged FROM alerts_search s
     WHERE s.fingerprint = this_fingerprint
       AND s.query IS NOT DISTINCT FROM whole AND s.pay_min_yearly IS NOT DISTINCT FROM pay;
    INSERT INTO alerts_search AS s (fingerprint, query_string, query, pay_min_yearly, kept_at)
    VALUES (this_fingerprint, this_query_string, whole, pay, at)
        ON CONFLICT (fingerprint) DO UPDATE
       SET query = excluded.query, pay_min_yearly = excluded.pay_min_yearly, kept_at = excluded.kept_at
    RETURNING s.id INTO kept;
    -- The one read above may have been removed as unused meanwhile; then this is a new row, without anchors.
    IF unchanged = kept THEN RETURN kept; END IF;
    DELETE FROM alerts_searchanchor WHERE search_id = kept;
    keys := alerts_anchor_keys(keywords, filters);
    INSERT INTO alerts_searchanchor (search_id, key, query, pay_min_yearly, prev)
    SELECT kept, k.key, CASE WHEN NOT alerts_keys_decide(keys, whole) THEN whole END, pay,
           (SELECT string_agg(alerts_quoted(earlier), ' | ')::tsquery FROM unnest(keys[1:k.n::int - 1]) earlier)
      FROM unnest(keys) WITH ORDINALITY k(key, n);
    RETURN kept;
END $$;
"""

BACKWARDS = """
DROP FUNCTION alerts_keep_search, alerts_keys_decide, alerts_anchor_keys, alerts_keyword_keys, alerts_loosened,
              alerts_unquoted, alerts_quoted;
"""


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_searches")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
