import Testing

@testable import ZLQuery

@Suite("Statements")
struct StatementParsingTests {
    private func one(_ sql: String) throws -> StatementKind {
        let statements = try Parser.parseScript(sql)
        #expect(statements.count == 1, "\(sql)")
        return try #require(statements.first).kind
    }

    private func select(_ sql: String) throws -> Select {
        guard case .query(let query) = try one(sql), case .select(let select) = query.body else {
            throw Unexpected(sql: sql)
        }
        return select
    }

    private struct Unexpected: Error { var sql: String }

    /// Sentences of the dialect, one a line, that must be read.
    static let accepted: [String] = """
        SELECT 1
        SELECT a b, c AS select, d "x y", e AS 'text', f: g + 1 FROM t
        SELECT a, b, FROM t
        SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b DESC NULLS LAST
        FROM t
        FROM t SELECT a WHERE b > 1
        FROM 'bars/*.csv' WHERE x = 1
        SELECT * EXCLUDE (a), COLUMNS('zl_.*') FROM t
        SELECT * EXCEPT SELECT * FROM t
        SELECT sum(x) AS s FROM t GROUP BY ALL HAVING sum(x) > 1 QUALIFY row_number() OVER w = 1 WINDOW w AS (ORDER BY a)
        SELECT a FROM t WINDOW w AS (PARTITION BY b), v AS (w ORDER BY c ROWS UNBOUNDED PRECEDING)
        SELECT a, b, sum(c) FROM t GROUP BY ROLLUP (a, b)
        SELECT a, b, sum(c) FROM t GROUP BY GROUPING SETS ((a, b), (a), ())
        SELECT a FROM t GROUP BY (), CUBE (a, (b, c))
        SELECT * FROM a, b JOIN c USING (x) LEFT OUTER JOIN d ON c.x = d.x CROSS JOIN e NATURAL JOIN f POSITIONAL JOIN g
        SELECT * FROM a SEMI JOIN b USING (x) ANTI JOIN c ON a.x = c.x
        SELECT * FROM (a JOIN b USING (x)) AS j
        SELECT * FROM (SELECT 1) AS s(x), LATERAL (SELECT s.x) u, generate_series(1, 10) g(i)
        SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(n, s)
        SELECT * FROM read_csv('a.csv', header => true, delim = ';')
        SELECT * FROM t TABLESAMPLE reservoir(10 ROWS) REPEATABLE (42)
        SELECT * FROM t USING SAMPLE 10%
        SELECT * FROM t USING SAMPLE 10 PERCENT (bernoulli, 42)
        SELECT * FROM t ORDER BY ALL DESC LIMIT 10%
        SELECT * FROM t LIMIT 10 OFFSET 5
        SELECT * FROM t OFFSET 5 LIMIT 10
        SELECT * FROM t FETCH FIRST 3 ROWS ONLY
        SELECT 1 UNION ALL BY NAME SELECT 2 INTERSECT SELECT 3 ORDER BY 1
        ((SELECT 1) UNION (SELECT 2)) ORDER BY 1
        SELECT ((SELECT 1) + 2), ((SELECT 1)), (((1)))
        SELECT (SELECT 1 UNION SELECT 2 LIMIT 1)
        WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r
        WITH a AS MATERIALIZED (SELECT 1), b AS NOT MATERIALIZED (FROM a) FROM b
        VALUES (1, 2), (3, 4)
        TABLE t
        SELECT x FROM t WHERE EXISTS (SELECT 1) AND a IN (SELECT b FROM u) AND c > ALL (SELECT 1) AND d = ANY (l)
        SELECT values, year, date, name, model, target, features FROM position
        SELECT date '2024-01-01' + INTERVAL 1 DAY, INTERVAL (n + 1) MONTH, interval
        SELECT x FROM t PIVOT (sum(a) FOR b IN (1, 2))
        PIVOT t ON year USING sum(x) GROUP BY c
        UNPIVOT t ON a, b INTO NAME n VALUE v
        CREATE SCHEMA IF NOT EXISTS features
        CREATE OR REPLACE TABLE a.b AS SELECT 1
        CREATE TEMP TABLE t (a INTEGER NOT NULL DEFAULT 1 + 2 PRIMARY KEY, b VARCHAR UNIQUE CHECK (b <> ''), CHECK (a > 0))
        CREATE TABLE t (symbol VARCHAR, ts TIMESTAMP_NS, PRIMARY KEY (symbol, ts)) ORDER BY (symbol, ts)
        CREATE TABLE t(a, b) AS SELECT 1, 2
        CREATE TABLE t ORDER BY (a) AS SELECT 1 AS a
        CREATE TABLE t AS SELECT 1 AS a WITH NO DATA
        CREATE TABLE t (e ENUM('a', 'b'), l INTEGER[], s STRUCT(x DOUBLE, y DATE), m MAP(VARCHAR, INTEGER), d DECIMAL(18, 4))
        CREATE VIEW IF NOT EXISTS v(a, b) AS SELECT 1, 2
        CREATE MACRO f(a, b := 1) AS a + b
        CREATE FUNCTION g(a) AS TABLE SELECT a
        CREATE SEQUENCE s START WITH 5 INCREMENT BY -1 NO CYCLE
        CREATE UNIQUE INDEX i ON t (a, lower(b))
        CREATE TYPE mood AS ENUM ('sad', 'ok')
        DROP TABLE IF EXISTS a, b.c CASCADE
        DROP VIEW v
        ALTER TABLE t ADD COLUMN IF NOT EXISTS c INTEGER DEFAULT 5
        ALTER TABLE t DROP COLUMN c
        ALTER TABLE t RENAME a TO b
        ALTER TABLE t RENAME TO u
        ALTER TABLE t ALTER COLUMN c SET DATA TYPE BIGINT USING c + 1
        ALTER TABLE t ALTER c DROP DEFAULT
        COMMENT ON COLUMN a.t.c IS 'text'
        INSERT INTO t VALUES (1, DEFAULT), (2, 3)
        INSERT INTO t (a, b) SELECT 1, 2 ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE t.b < 1 RETURNING *
        INSERT INTO t BY NAME SELECT 1 AS a
        INSERT OR IGNORE INTO t DEFAULT VALUES
        WITH n AS (SELECT 1) INSERT INTO t SELECT * FROM n
        UPDATE t AS x SET a = 1, b = DEFAULT FROM u WHERE x.id = u.id RETURNING x.a
        DELETE FROM t USING u WHERE t.id = u.id
        TRUNCATE TABLE t
        COPY t (a, b) FROM 'a.csv' (FORMAT csv, HEADER, DELIMITER ';', NULL 'NA')
        COPY (SELECT 1) TO (getvariable('export') || '/x.csv') (HEADER true, PARTITION_BY (a, b), FORCE_QUOTE *)
        COPY t TO 'x.parquet'
        BEGIN TRANSACTION
        COMMIT
        ROLLBACK
        CHECKPOINT
        EXPLAIN ANALYZE SELECT 1
        EXPLAIN LOOKAHEAD features.zl_training_v1
        EXPLAIN LOOKAHEAD SELECT lead(x) OVER (ORDER BY y) FROM t
        DESCRIBE t
        DESCRIBE SELECT 1
        SUMMARIZE 'a.csv'
        SELECT column_name FROM (DESCRIBE t)
        SHOW TABLES FROM market_data
        SHOW MODELS
        SHOW threads
        SET threads = 2
        SET memory_limit TO '1GB'
        SET SESSION default_order = DESC
        SET VARIABLE bars = 'a' || 'b'
        RESET threads
        RESET VARIABLE bars
        PRAGMA table_info('t')
        PRAGMA enable_progress_bar
        ATTACH 'x.db' AS y (READ_ONLY)
        DETACH y
        USE y.main
        EXPORT DATABASE 'folder' (FORMAT parquet)
        IMPORT DATABASE 'folder'
        VACUUM ANALYZE t
        PREPARE p AS SELECT $1
        EXECUTE p(1)
        DEALLOCATE p
        EVALUATE MODEL m ON features.v
        DROP MODEL IF EXISTS m
        ALTER MODEL m RENAME TO n
        EXPORT MODEL m TO 'm.txt'
        IMPORT MODEL OR REPLACE m FROM 'm.txt'
        REPORT MODEL m TO 'm.html'
        SELECT predict(m), predict(m, iterations => 5) FROM v
        """.split(separator: "\n").map(String.init)

    @Test("Sentences of the dialect are read", arguments: accepted)
    func accepts(_ sql: String) throws {
        let statement = try #require(try Parser.parseScript(sql).first)
        #expect(statement.range == 0..<sql.utf8.count)
    }

    @Test("Scripts give their statements with ranges, empty ones left out")
    func scripts() throws {
        let sql = "; SELECT 1 ;; -- note ; here\n/* a /* nested */ ; */ SELECT ';' ; "
        let statements = try Parser.parseScript(sql)
        #expect(statements.map(\.range) == [2..<10, 52..<62])
        #expect(try Parser.parseScript(" -- nothing").isEmpty)
    }

    @Test("ASOF joins carry kind, tolerance and direction")
    func asofJoin() throws {
        let sql = """
            SELECT * FROM a ASOF LEFT JOIN b ON a.k = b.k AND a.ts >= b.ts TOLERANCE INTERVAL 3 DAYS DIRECTION nearest JOIN c USING (k)
            """
        let select = try select(sql)
        guard case .join(let outer)? = select.from.first?.kind, case .join(let inner) = outer.left.kind else {
            Issue.record("no joins")
            return
        }
        #expect(outer.kind == .inner)
        #expect(inner.kind == .asofLeft)
        #expect(inner.direction == .nearest)
        guard case .literal(.interval("3", .day))? = inner.tolerance?.kind, case .on(let condition) = inner.condition else {
            Issue.record("no tolerance")
            return
        }
        #expect(condition.canonicalText == "((a.k = b.k) AND (a.ts >= b.ts))")
    }

    @Test("INTERSECT binds tighter than UNION, and both run from left to right")
    func setOperations() throws {
        guard case .query(let query) = try one("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 EXCEPT ALL SELECT 4"),
            case .setOperation(.except, isAll: true, isByName: false, let left, _, let range) = query.body,
            case .setOperation(.union, isAll: false, _, _, let right, _) = left,
            case .setOperation(.intersect, _, _, _, _, _) = right
        else {
            Issue.record("unexpected shape")
            return
        }
        #expect(range == 0..<62)
    }

    @Test("A table's columns, constraints and sort order")
    func createTable() throws {
        let sql = """
            CREATE OR REPLACE TABLE market_data.bars (symbol VARCHAR NOT NULL, ts TIMESTAMP_NS, close DOUBLE DEFAULT 0 CHECK (close > 0),
            PRIMARY KEY (symbol, ts)) ORDER BY (symbol, ts DESC)
            """
        guard case .createTable(let table) = try one(sql) else {
            Issue.record("no table")
            return
        }
        #expect(table.name.text == "market_data.bars" && table.name.schema == "market_data" && table.onConflict == .replace)
        #expect(table.columns.map(\.name.text) == ["symbol", "ts", "close"])
        #expect(table.columns.compactMap(\.type).map(\.canonicalText) == ["VARCHAR", "TIMESTAMP_NS", "DOUBLE"])
        #expect(table.columns.map(\.constraints.count) == [1, 0, 2])
        #expect(table.orderBy.map(\.expression.canonicalText) == ["symbol", "ts"])
        #expect(table.orderBy.map(\.direction) == [nil, .descending])
        guard case .primaryKey(let key)? = table.constraints.first?.kind else {
            Issue.record("no key")
            return
        }
        #expect(key.map(\.text) == ["symbol", "ts"])
    }

    @Test("A view's query range is the text to store")
    func createView() throws {
        let sql = "CREATE VIEW v AS  WITH a AS (SELECT 1) SELECT * FROM a ORDER BY 1 ;"
        guard case .createView(let view) = try one(sql) else {
            Issue.record("no view")
            return
        }
        let bytes = Array(sql.utf8)[view.query.range]
        #expect(String(decoding: bytes, as: UTF8.self) == "WITH a AS (SELECT 1) SELECT * FROM a ORDER BY 1")
    }

    @Test("COPY options are constants, lists, stars or nothing")
    func copyOptions() throws {
        guard case .copy(let copy) = try one("COPY t TO 'x' (HEADER, FORMAT csv, DELIMITER ';', P (a, b), Q *, FORCE true)") else {
            Issue.record("no copy")
            return
        }
        #expect(copy.options.map(\.name.text) == ["HEADER", "FORMAT", "DELIMITER", "P", "Q", "FORCE"])
        var shown: [String] = []
        for option in copy.options {
            switch option.value {
            case .none: shown.append("-")
            case .expression(let value): shown.append(value.canonicalText)
            case .list(let values): shown.append("(\(values.canonicalText))")
            case .star: shown.append("*")
            }
        }
        #expect(shown == ["-", "csv", "';'", "(a, b)", "*", "true"])
    }

    @Test("Table functions take a delimiter by = as an expression and by => as a name")
    func tableFunction() throws {
        let select = try select("SELECT * FROM read_csv('a', header => true, delim := ';') AS r(x) WHERE x > 1")
        guard case .function(let call, isLateral: false, withOrdinality: false)? = select.from.first?.kind else {
            Issue.record("no function")
            return
        }
        #expect(call.arguments.map { $0.name?.text } == [nil, "header", "delim"])
        #expect(select.from.first?.alias?.columns.map(\.text) == ["x"])
    }

    @Test("Settings and variables")
    func settings() throws {
        guard case .set(let set) = try one("SET GLOBAL default_null_order TO nulls_last"), case .setVariable(let name, let value) =
            try one("SET VARIABLE Fred = upper('x')")
        else {
            Issue.record("no settings")
            return
        }
        #expect(set.scope == .global && set.name.text == "default_null_order")
        #expect(set.values.map(\.canonicalText) == ["nulls_last"])
        #expect(name.text == "Fred" && value.canonicalText == "upper('x')")
        guard case .set(let variable) = try one("SET variable = 1") else {
            Issue.record("a setting may be called variable")
            return
        }
        #expect(variable.name.text == "variable")
    }
}
