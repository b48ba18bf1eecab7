import Testing
import ZLColumnar

@testable import ZLQuery

/// Names: which column, table, alias or view a word means, and what an error says.
@Suite struct NameBindingTests {
    let fixture = BindingFixture()

    @Test("columns are found without regard to case, bare or qualified")
    func findsColumns() throws {
        #expect(try fixture.columns("SELECT CLOSE, Bars.Volume, main.bars.ID FROM bars") == "CLOSE DOUBLE, Volume UBIGINT, ID INTEGER")
        #expect(try fixture.columns("SELECT t.id FROM market.trades AS t") == "id INTEGER")
        #expect(try fixture.columns("SELECT market.trades.size FROM market.trades") == "size UINTEGER")
    }

    @Test("an unknown name is an error with its place and the nearest name")
    func unknownNames() throws {
        let column = try #require(fixture.failure("SELECT clsoe FROM bars"))
        #expect(column.code == "unknown_column")
        #expect(column.range == 7..<12)
        #expect(column.hint == "did you mean \"close\"?")
        let table = try #require(fixture.failure("SELECT 1 FROM barz"))
        #expect(table.code == "unknown_table")
        #expect(table.range == 14..<18)
        #expect(table.hint == "did you mean \"bars\"?")
        #expect(fixture.failure("FROM trades")?.hint == "did you mean \"market.trades\"?")
        #expect(fixture.failure("FROM markt.trades")?.code == "unknown_schema")
        #expect(fixture.failure("SELECT x.close FROM bars")?.code == "unknown_table")
        #expect(fixture.failure("SELECT bars.clos FROM bars")?.hint == "did you mean \"close\"?")
        #expect(fixture.failure("SELECT a")?.message.contains("no FROM clause") == true)
        #expect(fixture.failure("SELECT sqrtt(2)")?.hint == "did you mean sqrt?")
        #expect(fixture.failure("SELECT CAST(1 AS INTEGR)")?.hint == "did you mean \"INTEGER\"?")
    }

    @Test("a name that two tables have is ambiguous; the error tells how to say it")
    func ambiguousNames() throws {
        let error = try #require(fixture.failure("SELECT close FROM bars, days"))
        #expect(error.code == "ambiguous_column")
        #expect(error.hint == "use \"bars.close\" or \"days.close\"")
        #expect(fixture.failure("FROM bars, bars")?.code == "duplicate_alias")
        #expect(fixture.failure("FROM bars AS a JOIN days AS a ON true")?.code == "duplicate_alias")
    }

    @Test("an alias hides the table's own name")
    func aliasesHide() throws {
        #expect(try fixture.columns("SELECT b.id FROM bars b") == "id INTEGER")
        #expect(fixture.failure("SELECT bars.id FROM bars b")?.code == "unknown_table")
        #expect(try fixture.columns("SELECT s FROM bars AS b(s)") == "s VARCHAR")
        #expect(try fixture.columns("SELECT v FROM (VALUES (1)) AS t(v)") == "v INTEGER")
        #expect(fixture.failure("FROM days AS d(a, b, c, d, e)")?.code == "column_count")
    }

    @Test("aliases of the SELECT list serve later items and the other clauses; a column of that name wins")
    func lateralAliases() throws {
        #expect(try fixture.columns("SELECT id AS x, x + 1 AS y, y * 2 AS z FROM bars") == "x INTEGER, y INTEGER, z INTEGER")
        #expect(try fixture.columns("SELECT close AS id, id FROM bars") == "id DOUBLE, id INTEGER")
        #expect(fixture.failure("SELECT id + 1 AS n FROM bars WHERE n > 2") == nil)
        #expect(fixture.failure("SELECT id + 1 AS n, count(*) FROM bars GROUP BY n HAVING n > 2 ORDER BY n") == nil)
        #expect(fixture.failure("SELECT id AS n, row_number() OVER (ORDER BY id) AS r FROM bars QUALIFY r = 1") == nil)
        #expect(fixture.failure("SELECT sum(id) AS s FROM bars WHERE s > 1")?.code == "misplaced_aggregate")
        #expect(fixture.failure("SELECT nothing + 1 AS nothing FROM bars")?.code == "unknown_column")
    }

    @Test("a star can leave out, replace and rename columns, and take those that match")
    func stars() throws {
        #expect(try fixture.columns("SELECT * EXCLUDE (ts, volume, id, price, tiny) FROM bars") == "symbol VARCHAR, close DOUBLE")
        #expect(
            try fixture.columns("SELECT * EXCLUDE (symbol, is_open) REPLACE (close::INTEGER AS close) RENAME (day AS d) FROM days")
                == "d DATE, close INTEGER")
        #expect(try fixture.columns("SELECT d.* FROM bars b, days d") == "symbol VARCHAR, day DATE, close DOUBLE, is_open BOOLEAN")
        #expect(fixture.failure("SELECT * EXCLUDE (closse) FROM days")?.hint == "did you mean \"close\"?")
        #expect(fixture.failure("SELECT x.* FROM days")?.code == "unknown_table")
        #expect(fixture.failure("SELECT *")?.code == "misplaced_star")
        #expect(fixture.failure("SELECT * EXCLUDE (id, size) FROM market.trades")?.code == "no_columns")
    }

    @Test("USING and NATURAL show the common column once")
    func mergedColumns() throws {
        #expect(
            try fixture.columns("SELECT * EXCLUDE (ts, volume, id, price, tiny) FROM bars JOIN days USING (symbol, close)")
                == "symbol VARCHAR, close DOUBLE, day DATE, is_open BOOLEAN")
        #expect(try fixture.columns("SELECT symbol, b.symbol, d.symbol FROM bars b NATURAL JOIN days d").contains("symbol VARCHAR"))
        #expect(fixture.failure("FROM bars JOIN days USING (id)")?.code == "unknown_column")
        #expect(try fixture.columns("SELECT symbol FROM bars FULL JOIN days USING (symbol)") == "symbol VARCHAR")
        #expect(try fixture.columns("FROM days SEMI JOIN bars USING (symbol)") == "symbol VARCHAR, day DATE, close DOUBLE, is_open BOOLEAN")
    }

    @Test("columns of one name in a subquery get numbers")
    func repeatedNames() throws {
        #expect(try fixture.columns("SELECT id, id FROM bars") == "id INTEGER, id INTEGER")
        #expect(try fixture.columns("FROM (SELECT id, id, id AS id_1 FROM bars)") == "id INTEGER, id_1 INTEGER, id_1_1 INTEGER")
    }

    @Test("views stand on views, hide the WITH queries around them, and cannot stand on themselves")
    func views() throws {
        var fixture = fixture
        fixture.view("first", "SELECT id, close FROM bars")
        fixture.view("second", "SELECT id FROM first")
        #expect(try fixture.columns("FROM second") == "id INTEGER")
        #expect(try fixture.columns("WITH bars AS (SELECT 1 AS a) FROM second, bars") == "id INTEGER, a INTEGER")
        fixture.view("loop", "SELECT * FROM pool")
        fixture.view("pool", "SELECT * FROM loop")
        #expect(fixture.failure("FROM loop")?.code == "view_cycle")
        fixture.view("broken", "SELECT nothing FROM bars")
        let error = try #require(fixture.failure("SELECT 1 FROM broken"))
        #expect(error.message.hasPrefix("view main.broken: "))
        #expect(error.range == 14..<20)
    }

    @Test("WITH names a query for what follows it, before tables of that name")
    func commonTables() throws {
        #expect(try fixture.columns("WITH a AS (SELECT 1 AS x), b(y) AS (SELECT x FROM a) SELECT y, x FROM a, b") == "y INTEGER, x INTEGER")
        #expect(try fixture.columns("WITH bars AS (SELECT id FROM bars) FROM bars") == "id INTEGER")
        #expect(fixture.failure("WITH a AS (SELECT 1), a AS (SELECT 2) SELECT 1")?.code == "duplicate_alias")
        #expect(fixture.failure("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) FROM r")?.code == "not_implemented")
    }

    @Test("what does not exist yet is one error that names it")
    func notYet() throws {
        let queries = [
            "SELECT (SELECT max(d.close) FROM days d WHERE d.symbol = bars.symbol) FROM bars",
            "SELECT 1 FROM bars b, LATERAL (SELECT b.id)", "SELECT [1, 2]", "SELECT {'a': 1}", "SELECT ?",
            "FROM bars TABLESAMPLE 10%", "SELECT id FROM bars WHERE id IN (SELECT d.close FROM days d WHERE d.symbol = bars.symbol)",
        ]
        for query in queries { #expect(fixture.failure(query)?.code == "not_implemented", "\(query)") }
    }

    @Test("getvariable and constants in table functions are known while binding")
    func constants() throws {
        var fixture = fixture
        fixture.variables["n"] = (.integer(3), .integer)
        #expect(try fixture.type("getvariable('n')") == "INTEGER")
        guard case .projection(.series(let series), _) = try fixture.bind("FROM range(1, getvariable('n'))").plan else {
            Issue.record("no series")
            return
        }
        #expect(series.count == 2)
        #expect(fixture.failure("FROM range(id)")?.code == "unknown_column")
        #expect(fixture.failure("FROM rage(3)")?.hint == "did you mean \"range\"?")
        #expect(fixture.failure("FROM range(1, 2, 0)")?.code == "bad_argument")
    }
}
