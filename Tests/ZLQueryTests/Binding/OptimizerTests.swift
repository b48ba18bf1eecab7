import Foundation
import Testing
import ZLColumnar

@testable import ZLQuery

/// The optimizer's rules, each by the plan's text before and after it.
@Suite struct OptimizerTests {
    let fixture = BindingFixture()

    private func bound(_ query: String) throws -> LogicalPlan { try fixture.bind(query).plan }

    /// The lines of a plan's text without the tree's branches.
    private func lines(_ plan: LogicalPlan) -> [String] {
        plan.explain().split(separator: "\n").map { String($0.drop { "└├─│ ".contains($0) }) }
    }

    private func optimized(_ query: String) throws -> [String] {
        lines(try Optimizer.optimize(try fixture.bind(query), settings: fixture.settings).plan)
    }

    // MARK: Constant folding

    @Test("constants are computed, conditions that decide themselves go")
    func folding() throws {
        #expect(try optimized("SELECT id FROM bars WHERE 1 = 1") == ["Projection id", "TableScan main.bars [id]"])
        #expect(try optimized("SELECT id FROM bars WHERE id > 1 AND 2 > 1")[1] == "TableScan main.bars [id] where (id > 1)")
        #expect(try optimized("SELECT id FROM bars WHERE id > 1 OR 2 > 1") == ["Projection id", "TableScan main.bars [id]"])
        #expect(try optimized("SELECT CASE WHEN false THEN 1 WHEN true THEN id END FROM bars")[0] == "Projection id")
    }

    @Test("floating arithmetic keeps its order")
    func foldingKeepsOrder() throws {
        #expect(try optimized("SELECT close + 1e0 + 2e0 FROM bars")[0].hasSuffix("((close + 1.0) + 2.0)"))
        #expect(try optimized("SELECT close * 1e0 FROM bars")[0].hasSuffix("(close * 1.0)"))
    }

    @Test("what fails while folding stays and fails at run time")
    func foldingErrors() throws {
        #expect(try optimized("SELECT CASE WHEN id = 1 THEN CAST('x' AS INTEGER) END FROM bars")[0].contains("CAST('x' AS INTEGER)"))
    }

    // MARK: Filter push-down

    @Test("a condition moves through projections into the scan")
    func pushIntoScan() throws {
        let before = try bound("SELECT x FROM (SELECT id + 1 AS x, symbol FROM bars) WHERE x > 2 AND symbol = 'a'")
        #expect(lines(before)[1].hasPrefix("Filter"))
        #expect(lines(try FilterPushDown.apply(before)).last?.hasSuffix("where ((id + 1) > 2) AND (symbol = 'a')") == true)
    }

    @Test("conditions of a join go to the sides they read, equalities become keys")
    func pushIntoJoin() throws {
        let plan = try optimized("SELECT b.id FROM bars b, days d WHERE b.symbol = d.symbol AND b.id > 1 AND d.is_open AND b.close < d.close")
        #expect(plan[1] == "Join INNER on symbol = symbol AND (close < close)")
        #expect(plan.contains { $0.hasPrefix("TableScan main.bars") && $0.hasSuffix("where (id > 1)") })
        #expect(plan.contains { $0.hasPrefix("TableScan main.days") && $0.hasSuffix("where is_open") })
    }

    @Test("what every branch of an OR repeats becomes a key; what each says of one side is asked there already")
    func factorDisjunctions() throws {
        let plan = try optimized("""
            SELECT b.id FROM bars b, days d WHERE (b.symbol = d.symbol AND b.id > 1 AND d.close < 5 AND d.is_open)
                OR (b.id < 0 AND d.symbol = 'a' AND b.symbol = d.symbol AND b.close > 1)
            """)
        #expect(plan[1].hasPrefix("Join INNER on symbol = symbol AND (((id > 1) AND (close < 5.0) AND is_open) OR ("))
        #expect(plan.contains { $0.hasPrefix("TableScan main.bars") && $0.hasSuffix("where ((id > 1) OR ((id < 0) AND (close > 1.0)))") })
        #expect(plan.contains { $0.hasPrefix("TableScan main.days") && $0.hasSuffix("where (((close < 5.0) AND is_open) OR (symbol = 'a'))") })
    }

    @Test("a branch that is the common part alone stands for all; parts that may fail stay behind their guards")
    func factorGuardedDisjunctions() throws {
        let absorbed = try optimized("SELECT id FROM bars WHERE id > 1 OR (id > 1 AND close < 5)")
        #expect(absorbed[1] == "TableScan main.bars [id] where (id > 1)")
        let guarded = "((id > 1) AND (CAST(symbol AS BIGINT) = 3))"
        let plan = try optimized("""
            SELECT b.id FROM bars b WHERE (id > 1 AND CAST(symbol AS BIGINT) = 3) OR (CAST(symbol AS BIGINT) = 3 AND id < 0)
            """)
        #expect(plan[1].contains("where (" + guarded + " OR "))
        #expect(try optimized("SELECT id FROM bars WHERE id > 1 OR (id > 1 AND CAST(symbol AS BIGINT) = 3)")[1].contains(" OR " + guarded))
    }

    @Test("conditions above a left join enter its left side only; those of ON its right side only")
    func pushIntoLeftJoin() throws {
        let plan = try optimized(
            "SELECT b.id FROM bars b LEFT JOIN days d ON b.symbol = d.symbol AND d.is_open AND b.id = 7 WHERE b.id > 1 AND d.close > 2")
        #expect(plan.contains("Filter (close > 2.0)"))
        #expect(plan.contains("Join LEFT on symbol = symbol AND (id = 7)"))
        #expect(plan.contains { $0.hasPrefix("TableScan main.bars") && $0.hasSuffix("where (id > 1)") })
        #expect(plan.contains { $0.hasPrefix("TableScan main.days") && $0.hasSuffix("where is_open") })
        let full = try optimized("SELECT b.id FROM bars b FULL JOIN days d ON b.symbol = d.symbol AND d.is_open WHERE b.id > 1")
        #expect(full.contains("Filter (id > 1)"))
        #expect(full.contains("Join FULL on symbol = symbol AND is_open"))
    }

    @Test("a condition passes a window on its partition keys, an aggregation on its groups, and nothing else of them")
    func pushThroughWindowAndAggregate() throws {
        let window = try optimized(
            "SELECT * FROM (SELECT symbol, id, sum(id) OVER (PARTITION BY symbol ORDER BY ts) AS s FROM bars) WHERE symbol = 'a' AND id > 1")
        #expect(window.contains("Filter (id > 1)"))
        #expect(window.last?.hasSuffix("where (symbol = 'a')") == true)
        let aggregate = try optimized("SELECT symbol, sum(id) AS s FROM bars GROUP BY symbol HAVING symbol = 'a' AND sum(id) > 1")
        #expect(aggregate.contains { $0.hasPrefix("Filter (#") })
        #expect(aggregate.last?.hasSuffix("where (symbol = 'a')") == true)
        let sets = try optimized("SELECT symbol FROM bars GROUP BY ROLLUP (symbol) HAVING symbol = 'a'")
        #expect(sets.contains("Filter (symbol = 'a')"))
    }

    @Test("a condition stops at LIMIT, enters both sides of a union, and stays above an ASOF join's right side")
    func pushElsewhere() throws {
        let limited = try optimized("SELECT * FROM (SELECT id FROM bars LIMIT 3) WHERE id > 1")
        let filter = try #require(limited.firstIndex(of: "Filter (id > 1)"))
        #expect(filter < (try #require(limited.firstIndex(of: "Limit 3"))))
        let union = try optimized("SELECT * FROM (SELECT id FROM bars UNION ALL SELECT size FROM market.trades) WHERE id > 1")
        #expect(union.filter { $0.hasPrefix("TableScan") && $0.contains(" where ") }.count == 2)
        let asof = try optimized("SELECT d.day FROM days d ASOF JOIN bars b ON d.close >= b.close WHERE b.id = 1 AND d.is_open")
        #expect(asof.contains("Filter (id = 1)"))
        #expect(asof.contains { $0.hasSuffix("where is_open") })
    }

    // MARK: Projection push-down

    @Test("scans read what is used; unused aggregates, windows and computed columns go")
    func pruning() throws {
        #expect(try optimized("SELECT id FROM (SELECT *, close * 2 AS x FROM bars)") == ["Projection id", "TableScan main.bars [id]"])
        #expect(try optimized("SELECT symbol FROM (SELECT symbol, sum(id) AS s FROM bars GROUP BY symbol)")[1] == "Aggregate by symbol ")
        #expect(try optimized("SELECT id FROM (SELECT id, sum(close) OVER (ORDER BY ts) AS s FROM bars)") == ["Projection id", "TableScan main.bars [id]"])
        #expect(try optimized("SELECT count(*) FROM bars").last == "TableScan main.bars []")
        #expect(try optimized("SELECT a FROM (SELECT id AS a, close AS b FROM bars UNION ALL SELECT id, close FROM bars)").last == "TableScan main.bars [id]")
        #expect(try optimized("SELECT a FROM (SELECT id AS a, close AS b FROM bars UNION SELECT id, close FROM bars)").last == "TableScan main.bars [close, id]")
    }

    // MARK: Shared windows

    @Test("calls over the same window share one operator, others keep theirs")
    func sharedWindows() throws {
        let query = "SELECT sum(id) OVER w, avg(close) OVER w, sum(id) OVER (ORDER BY id), max(close) OVER w FROM bars WINDOW w AS (PARTITION BY symbol ORDER BY ts)"
        func count(_ plan: LogicalPlan) -> Int { lines(plan).filter { $0.hasPrefix("Window") }.count }
        let before = try bound(query)
        #expect(count(before) == 3)
        let after = try SharedWindows.apply(before)
        #expect(count(after) == 2)
        #expect(Set(before.columns.map(\.id)) == Set(after.columns.map(\.id)))
    }

    // MARK: Join ordering

    @Test("comma joins are connected where an equality connects them, and the smaller side is hashed")
    func joinOrdering() throws {
        let plan = try optimized(
            "SELECT 1 FROM bars a, days b, market.trades c WHERE a.id = c.id AND c.size > 0 AND b.symbol = a.symbol")
        #expect(!plan.contains("Join CROSS"))
        #expect(plan.filter { $0.hasPrefix("Join INNER") }.count == 2)
        let swapped = try optimized("SELECT * FROM (VALUES (1)) AS few(x) JOIN (VALUES (1), (2), (3), (4)) AS many(y) ON x = y")
        #expect(swapped.filter { $0.hasPrefix("Values") } == ["Values 4 rows [col0]", "Values 1 rows [col0]"])
        let kept = try optimized("SELECT * FROM (VALUES (1)) AS few(x) LEFT JOIN (VALUES (1), (2), (3), (4)) AS many(y) ON x = y")
        #expect(kept.filter { $0.hasPrefix("Values") } == ["Values 1 rows [col0]", "Values 4 rows [col0]"])
    }

    // MARK: Common subplans

    @Test("a view read twice runs once; one read once, or a mere scan, is written out")
    func sharedSubplans() throws {
        var fixture = fixture
        fixture.view("daily", "SELECT symbol, sum(id) AS s, max(close) AS m FROM bars GROUP BY symbol")
        fixture.view("plain", "SELECT symbol, id FROM bars WHERE id > 0")
        let twice = try fixture.plan("SELECT a.s FROM daily a JOIN daily b USING (symbol)")
        #expect(twice.components(separatedBy: "Aggregate").count == 2)
        #expect(twice.contains("SharedPlan main.daily (above)"))
        #expect(!twice.contains("max(close)"))
        #expect(!(try fixture.plan("SELECT s FROM daily WHERE symbol = 'a'")).contains("SharedPlan"))
        let scans = try fixture.plan("SELECT a.id FROM plain a JOIN plain b ON a.id = b.id WHERE a.symbol = 'x'")
        #expect(!scans.contains("SharedPlan"))
        #expect(scans.components(separatedBy: "TableScan").count == 3)
        #expect(scans.components(separatedBy: "'x'").count == 2)
        let filtered = try fixture.plan("SELECT a.s FROM daily a JOIN daily b USING (symbol) WHERE a.symbol = 'x'")
        #expect(filtered.contains("Filter (symbol = 'x')"))
    }

    @Test("sort and limit stay together")
    func topN() throws {
        #expect(try optimized("SELECT id FROM bars ORDER BY id LIMIT 3")[0] == "Limit 3")
        #expect(try optimized("SELECT id FROM bars ORDER BY id LIMIT 3")[1] == "Sort id")
    }

    @Test("the optimized plan gives the query's columns in order")
    func columns() throws {
        let query = try fixture.bind("SELECT d.close, b.id, d.close AS again FROM bars b, days d WHERE b.symbol = d.symbol ORDER BY b.ts")
        let plan = try Optimizer.optimize(query, settings: fixture.settings)
        #expect(plan.plan.columns.map(\.id) == query.columns.map(\.id))
        #expect(plan.columns.map(\.name) == ["close", "id", "again"])
    }
}
