import Foundation
import Testing
import ZLColumnar

@testable import ZLQuery

/// What may stand in which clause: aggregates, windows, subqueries, positions, limits.
@Suite struct ClauseBindingTests {
    let fixture = BindingFixture()

    @Test("a column outside GROUP BY and aggregates is an error that names it")
    func ungrouped() throws {
        let error = try #require(fixture.failure("SELECT symbol, close FROM bars GROUP BY symbol"))
        #expect(error.code == "ungrouped_column")
        #expect(error.message.contains("\"close\""))
        #expect(error.range == 15..<20)
        #expect(fixture.failure("SELECT id, count(*) FROM bars")?.code == "ungrouped_column")
        #expect(fixture.failure("SELECT symbol FROM bars HAVING id > 1")?.code == "ungrouped_column")
        #expect(fixture.failure("SELECT symbol FROM bars GROUP BY symbol ORDER BY close")?.code == "ungrouped_column")
    }

    @Test(
        "grouping expressions are recognized in whole, by position, by alias and by ALL",
        arguments: [
            "SELECT id + 1, (id + 1) * 2 FROM bars GROUP BY id + 1", "SELECT bars.id FROM bars GROUP BY id",
            "SELECT symbol, sum(close) FROM bars GROUP BY 1", "SELECT id % 2 AS odd, count(*) FROM bars GROUP BY odd",
            "SELECT symbol, id % 2, sum(close) FROM bars GROUP BY ALL ORDER BY ALL",
            "SELECT symbol, sum(id) FROM bars GROUP BY ROLLUP (symbol, id % 2) HAVING count(*) > 1 ORDER BY sum(close)",
            "SELECT symbol, id FROM bars GROUP BY GROUPING SETS ((symbol, id), (symbol), ())",
            "SELECT sum(sum(id)) OVER (ORDER BY symbol) FROM bars GROUP BY symbol",
            "SELECT symbol FROM bars GROUP BY symbol QUALIFY row_number() OVER (ORDER BY max(close)) = 1",
            "SELECT CASE WHEN symbol = 'a' THEN sum(id) END FROM bars GROUP BY symbol",
            "SELECT count(*) FILTER (WHERE id > 1), count(DISTINCT symbol) FROM bars",
        ])
    func groupings(_ query: String) throws {
        let bound = try fixture.bind(query)
        #expect(!bound.columns.isEmpty)
    }

    @Test(
        "aggregates and windows stand only where they can be computed",
        arguments: [
            ("SELECT 1 FROM bars WHERE sum(id) > 1", "misplaced_aggregate"), ("SELECT sum(sum(id)) FROM bars", "misplaced_aggregate"),
            ("SELECT sum(id) FROM bars GROUP BY sum(id)", "misplaced_aggregate"),
            ("SELECT 1 FROM bars WHERE row_number() OVER () = 1", "misplaced_window"),
            ("SELECT sum(row_number() OVER ()) FROM bars", "misplaced_window"),
            ("SELECT sum(rank() OVER (ORDER BY id)) OVER () FROM bars", "misplaced_window"),
            ("SELECT row_number() OVER () AS r, sum(r) OVER () FROM bars", "misplaced_window"),
            ("SELECT rank() FROM bars", "missing_over"), ("SELECT abs(id) OVER () FROM bars", "not_a_window"),
            ("SELECT rolling_avg(close, 5) OVER () FROM bars", "missing_order"),
            ("SELECT rolling_avg(close, 5) OVER (ORDER BY ts ROWS 3 PRECEDING) FROM bars", "misplaced_frame"),
            ("SELECT id FROM bars QUALIFY id > 1", "missing_window"), ("SELECT abs(DISTINCT id) FROM bars", "not_an_aggregate"),
            ("SELECT count(*) FROM bars JOIN days ON sum(id) = 1", "misplaced_aggregate"), ("SELECT sum(*) FROM bars", "misplaced_star"),
        ])
    func misplaced(_ query: String, _ code: String) throws {
        #expect(fixture.failure(query)?.code == code)
    }

    @Test("windows refine named ones, but change nothing that those say")
    func namedWindows() throws {
        #expect(fixture.failure("SELECT sum(id) OVER (w ROWS 2 PRECEDING) FROM bars WINDOW w AS (PARTITION BY symbol ORDER BY ts)") == nil)
        #expect(fixture.failure("SELECT sum(id) OVER v FROM bars WINDOW w AS (PARTITION BY symbol), v AS (w ORDER BY ts)") == nil)
        for refinement in ["(w PARTITION BY id)", "(w ORDER BY id)"] {
            #expect(fixture.failure("SELECT sum(id) OVER \(refinement) FROM bars WINDOW w AS (ORDER BY ts)")?.code == "bad_refinement")
        }
        #expect(
            fixture.failure("SELECT sum(id) OVER (w ORDER BY id) FROM bars WINDOW w AS (PARTITION BY id ROWS 1 PRECEDING)")?.code
                == "bad_refinement")
        #expect(fixture.failure("SELECT sum(id) OVER x FROM bars")?.code == "unknown_window")
        #expect(fixture.failure("SELECT sum(id) OVER w FROM bars WINDOW w AS (w)")?.code == "window_cycle")
        #expect(fixture.failure("SELECT sum(id) OVER (ORDER BY symbol RANGE 1 PRECEDING) FROM bars")?.code == "type_mismatch")
        #expect(fixture.failure("SELECT sum(id) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM bars")?.code == "bad_frame")
    }

    @Test("equal calls are computed once")
    func equalCalls() throws {
        let plan = try fixture.plan(
            "SELECT sum(id) + sum(bars.id), sum(sum(id)) OVER w, sum(sum(id)) OVER w FROM bars GROUP BY symbol WINDOW w AS (ORDER BY symbol)")
        #expect(plan.components(separatedBy: "sum(").count == 3)
    }

    @Test("ORDER BY takes positions, aliases and expressions that are not selected")
    func order() throws {
        #expect(try fixture.columns("SELECT id AS n FROM bars ORDER BY 1, n DESC, close + 1") == "n INTEGER")
        #expect(fixture.failure("SELECT id FROM bars ORDER BY 2")?.code == "bad_position")
        #expect(try fixture.columns("SELECT DISTINCT id FROM bars ORDER BY close") == "id INTEGER")
        #expect(try fixture.columns("SELECT b.close FROM bars b, days d ORDER BY close") == "close DOUBLE")
        #expect(try fixture.plan("SELECT close AS id FROM bars ORDER BY id").contains("Sort close"))
        #expect(try fixture.plan("SELECT close AS id FROM bars ORDER BY -id").contains("(-id)"))
        #expect(fixture.failure("SELECT id FROM bars UNION SELECT 2 ORDER BY id + 1") == nil)
        #expect(fixture.failure("SELECT id FROM bars UNION SELECT 2 ORDER BY close")?.code == "unknown_column")
    }

    @Test("limits are constants that count")
    func limits() throws {
        guard case .limit(_, let limit, let offset, let percent) = try fixture.bind("SELECT id FROM bars LIMIT 1 + 2 OFFSET 4").plan
        else {
            Issue.record("no limit")
            return
        }
        #expect(limit == 3 && offset == 4 && percent == nil)
        #expect(fixture.failure("SELECT 1 LIMIT -1")?.code == "bad_limit")
        #expect(fixture.failure("SELECT id FROM bars LIMIT id")?.code == "unknown_column")
        #expect(fixture.failure("SELECT 1 LIMIT NULL") == nil)
        guard case .limit(_, nil, 0, 10.0) = try fixture.bind("SELECT id FROM bars LIMIT 10%").plan else {
            Issue.record("no percent")
            return
        }
    }

    @Test("subqueries become joins: scalar, IN and EXISTS, as conditions and as values")
    func subqueries() throws {
        func kinds(_ query: String) throws -> [LogicalJoinKind] {
            var found: [LogicalJoinKind] = []
            func walk(_ plan: LogicalPlan) {
                if case .join(let node) = plan { found.append(node.kind) }
                plan.children.forEach(walk)
            }
            walk(try fixture.bind(query).plan)
            return found
        }
        #expect(try kinds("SELECT (SELECT max(close) FROM days) FROM bars") == [.cross])
        #expect(try kinds("SELECT id FROM bars WHERE symbol IN (SELECT symbol FROM days)") == [.semi])
        #expect(try kinds("SELECT id FROM bars WHERE symbol NOT IN (SELECT symbol FROM days)") == [.nullAwareAnti])
        #expect(try kinds("SELECT id FROM bars WHERE NOT EXISTS (SELECT 1 FROM days)") == [.anti])
        #expect(try kinds("SELECT symbol IN (SELECT symbol FROM days) OR id = 1 FROM bars") == [.mark])
        #expect(try kinds("SELECT id FROM bars WHERE id > ALL (SELECT close FROM days)") == [.cross])
        #expect(try kinds("SELECT sum(id) FROM bars HAVING sum(id) > (SELECT 1)") == [.cross])
        #expect(fixture.failure("SELECT (SELECT 1, 2)")?.code == "column_count")
        #expect(fixture.failure("SELECT 1 IN (SELECT 1, 2)")?.code == "column_count")
    }

    @Test("a join's condition is split into keys and the rest")
    func joins() throws {
        guard case .projection(.join(let join), _) = try fixture.bind(
            "SELECT 1 FROM bars b LEFT JOIN days d ON d.symbol = b.symbol AND b.close > d.close AND b.id = 1").plan
        else {
            Issue.record("no join")
            return
        }
        #expect(join.kind == .left)
        #expect(join.keys.count == 1)
        #expect(join.residual?.conjuncts.count == 2)
    }

    @Test("an ASOF join needs exactly one inequality, whose side is turned to the left")
    func asofJoins() throws {
        func node(_ query: String) throws -> AsofJoinNode? {
            guard case .projection(.asofJoin(let node), _) = try fixture.bind(query).plan else { return nil }
            return node
        }
        let turned = try #require(
            try node("SELECT 1 FROM days d ASOF JOIN bars b ON b.symbol = d.symbol AND b.ts <= d.day TOLERANCE INTERVAL 3 DAY"))
        #expect(turned.comparison == .greaterOrEqual)
        #expect(turned.direction == .backward)
        #expect(turned.keys.count == 1 && !turned.isLeft)
        #expect(turned.tolerance == .interval(Interval(days: 3)))
        let forward = try #require(
            try node("SELECT 1 FROM days d ASOF LEFT JOIN bars b ON d.day > b.ts DIRECTION forward"))
        #expect(forward.comparison == .less && forward.direction == .forward && forward.isLeft)
        #expect(try node("SELECT 1 FROM days ASOF JOIN bars USING (symbol, close)")?.keys.count == 1)
        #expect(fixture.failure("FROM days d ASOF JOIN bars b ON d.symbol = b.symbol")?.code == "asof_condition")
        #expect(fixture.failure("FROM days d ASOF JOIN bars b ON d.close > b.close AND d.close < b.id")?.code == "asof_condition")
        #expect(fixture.failure("FROM days d ASOF JOIN bars b ON d.day >= b.ts TOLERANCE 3")?.code == "type_mismatch")
    }

    @Test("the highest trees that the parser lets through are bound and optimized, and growing aliases are refused")
    func depth() throws {
        let sum = (0..<900).map { _ in "id" }.joined(separator: " + ")
        #expect(try fixture.plan("SELECT \(sum) FROM bars WHERE \(sum) > 0").contains("id + id"))
        let levels = Parser.maximumNesting - 10
        let nested = String(repeating: "abs(", count: levels) + "id" + String(repeating: ")", count: levels)
        #expect(fixture.failure("SELECT \(nested) FROM bars") == nil)
        let doubling = (1...40).map { ", a\($0 - 1) + a\($0 - 1) AS a\($0)" }.joined()
        #expect(fixture.failure("SELECT id AS a0\(doubling) FROM bars")?.code == "expression_too_large")
        let unions = (0..<700).map { _ in "SELECT id FROM bars" }.joined(separator: " UNION ALL ")
        #expect(try fixture.plan(unions).contains("UNION ALL"))
        let tables = (0..<900).map { "days d\($0)" }.joined(separator: ", ")
        #expect(fixture.failure("SELECT 1 FROM \(tables)")?.code == "too_many_operators")
        var fixture = fixture
        fixture.view("v0", "SELECT id FROM bars")
        for number in 1...150 { fixture.view("v\(number)", "SELECT id FROM v\(number - 1)") }
        #expect(fixture.failure("FROM v80") == nil)
        #expect(fixture.failure("FROM v150")?.code == "too_deep")
    }
}
