import Testing

@testable import ZLQuery

/// The canonical text shows how operands were grouped; the expected ones are the column names that DuckDB 2.0.0 gives
/// the same expressions, except where a comment says otherwise.
@Suite("Expressions")
struct ExpressionParsingTests {
    static let grouped: [(String, String)] = [
        ("a+b*2", "(a + (b * 2))"), ("(a+b)*2", "((a + b) * 2)"), ("-a", "(-(a))"), ("- 5", "-5"), ("- -a", "(-((-(a))))"),
        ("-a^2", "((-(a)) ^ 2)"), ("a^b^2", "((a ^ b) ^ 2)"), ("a**b^2", "((a ^ b) ^ 2)"), ("s||a+b", "(s || (a + b))"),
        ("a+b||s", "((a + b) || s)"), ("s||s||'x'", "((s || s) || 'x')"), ("a & b << 1", "((a & b) << 1)"),
        ("a not null", "(a IS NOT NULL)"), ("s ^@ s || s", "((s ^@ s) || s)"), ("s ~~ s || s", "(s ~~ (s || s))"),
        ("s->>'x' ~ s", "regexp_matches((s ->> 'x'), s)"), ("a << b || s", "((a << b) || s)"),
        ("a | b & 1", "((a | b) & 1)"), ("a || b | 1", "(a || (b | 1))"), ("~a+b", "(~((a + b)))"), ("@a+b", "(@((a + b)))"),
        ("a // b * 2", "((a // b) * 2)"), ("a*b%2", "((a * b) % 2)"), ("1 - -1", "(1 - -1)"), ("a<-1", "(a < -1)"),
        ("a=b is null", "((a = b) IS NULL)"), ("a is null = p", "((a IS NULL) = p)"), ("a isnull", "(a IS NULL)"),
        ("a notnull", "(a IS NOT NULL)"), ("not a=1", "(NOT (a = 1))"), ("p = not q", "(p = (NOT q))"),
        ("not p is null", "(NOT (p IS NULL))"), ("a<b in (p)", "(a < (b IN (p)))"), ("not a in (1,2)", "(NOT (a IN (1, 2)))"),
        ("a not in (1,2)", "(NOT (a IN (1, 2)))"), ("a in l", "contains(l, a)"),
        ("a+b between 1 and 2 and p", "(((a + b) BETWEEN 1 AND 2) AND p)"),
        ("a between b and 2 = p", "((a BETWEEN b AND 2) = p)"),
        ("a not between 1 and 2", "(NOT (a BETWEEN 1 AND 2))"),
        ("p and a between 1 and 2 or q", "((p AND (a BETWEEN 1 AND 2)) OR q)"), ("a and b and a=1", "(a AND b AND (a = 1))"),
        ("a > 1 and not b < 2", "((a > 1) AND (NOT (b < 2)))"), ("a is distinct from b = p", "(a IS DISTINCT FROM (b = p))"),
        ("a is not distinct from b", "(a IS NOT DISTINCT FROM b)"), ("s like 'a%'", "(s ~~ 'a%')"),
        ("s not like 'a%'", "(s !~~ 'a%')"), ("s ilike 'a%'", "(s ~~* 'a%')"), ("s glob 'a'", "(s ~~~ 'a')"),
        ("s like 'a' escape '!'", "like_escape(s, 'a', '!')"), ("s similar to 'a'", "regexp_full_match(s, 'a')"),
        ("s !~ 'a'", "(NOT regexp_matches(s, 'a'))"), ("s like s = p", "((s ~~ s) = p)"), ("a <> 1", "(a != 1)"),
        ("a == 1", "(a = 1)"), ("a::int::varchar", "CAST(CAST(a AS INTEGER) AS VARCHAR)"),
        ("1::int+1", "(CAST(1 AS INTEGER) + 1)"), ("a::decimal(10,2)", "CAST(a AS DECIMAL(10, 2))"),
        ("a::int[]", "CAST(a AS INTEGER[])"), ("cast(l as int[3])", "CAST(l AS INTEGER[3])"),
        ("a::double precision", "CAST(a AS DOUBLE)"),
        ("cast(a as timestamp with time zone)", "CAST(a AS TIMESTAMP WITH TIME ZONE)"),
        ("cast(a as struct(x int, y varchar))", "CAST(a AS STRUCT(x INTEGER, y VARCHAR))"),
        ("cast(a as map(int,varchar))", "CAST(a AS MAP(INTEGER, VARCHAR))"),
        ("case when a=1 then 2 else 3 end", "CASE  WHEN ((a = 1)) THEN (2) ELSE 3 END"),
        ("case a when 1 then 2 end", "CASE  WHEN ((a = 1)) THEN (2) ELSE NULL END"),
        ("-l[1]", "(-(l[1]))"), ("l[1:2]", "l[1:2]"), ("l[:]", "l[:]"), ("l[:2]", "l[:2]"), ("l[1:]", "l[1:]"),
        ("l[1:2:1]", "l[1:2:1]"), ("(st).x", "(st).x"), ("[1,2,a]", "list_value(1, 2, a)"),
        ("{'a':1,'b':a}", "struct_pack(a := 1, b := a)"), ("(a,b)", "\"row\"(a, b)"), ("row(a,b)", "\"row\"(a, b)"),
        ("(a,b) in ((1,2))", "(\"row\"(a, b) IN (\"row\"(1, 2)))"), ("map {'a':1}", "\"map\"(list_value('a'), list_value(1))"),
        ("s collate nocase = 'x'", "(s COLLATE nocase = 'x')"), ("5!", "factorial(5)"), ("s ->> 'x' = 'y'", "((s ->> 'x') = 'y')"),
        ("ts at time zone 'UTC'", "timezone('UTC', ts)"), ("x'AA'", "X'AA'"), ("'it''s'", "'it''s'"), ("1e5", "1e5"),
        (".5", ".5"), ("$$a'b$$", "'a''b'"), ("$x$a$$b$x$", "'a$$b'"),
    ]

    @Test("Operators group as in DuckDB", arguments: grouped)
    func grouping(_ sql: String, _ expected: String) throws {
        #expect(try Parser.parseExpression(sql).canonicalText == expected)
    }

    static let called: [(String, String)] = [
        ("SUM(a)", "sum(a)"), ("count(*)", "count_star()"), ("count()", "count_star()"), ("count(distinct a)", "count(DISTINCT a)"),
        ("abs(all a)", "abs(a)"), ("sum(a) filter (where b>1)", "sum(a) FILTER (WHERE (b > 1))"),
        ("count(*) filter (p)", "count_star() FILTER (WHERE p)"), ("sum(a order by b)", "sum(a ORDER BY b)"),
        ("string_agg(s, ',' order by s)", "string_agg(s, ',' ORDER BY s)"),
        (
            "sum(a) over (partition by b order by a rows between 2 preceding and current row)",
            "sum(a) OVER (PARTITION BY b ORDER BY a ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)"
        ),
        ("sum(a) over (order by b rows 3 preceding)", "sum(a) OVER (ORDER BY b ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)"),
        ("sum(a) over ()", "sum(a) OVER ()"),
        ("lag(a,1) over (order by b desc nulls last)", "lag(a, 1) OVER (ORDER BY b DESC NULLS LAST)"),
        ("lag(a ignore nulls) over (order by b)", "lag(a IGNORE NULLS) OVER (ORDER BY b)"),
        ("count(a) over (partition by b) + 1", "(count(a) OVER (PARTITION BY b) + 1)"),
        (
            "sum(a) over (order by b groups between 1 preceding and 1 following exclude ties)",
            "sum(a) OVER (ORDER BY b GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES)"
        ),
        ("date_part('year',d)", "date_part('year', d)"), ("extract('year' from d)", "date_part('year', d)"),
        ("substring(s from 1 for 2)", "\"substring\"(s, 1, 2)"), ("position('a' in s)", "\"position\"(s, 'a')"),
        ("trim(both 'x' from s)", "\"trim\"(s, 'x')"), ("trim(leading from s)", "ltrim(s)"),
        ("trim(leading 'x' from s)", "ltrim(s, 'x')"), ("overlay(s placing 'a' from 1)", "\"overlay\"(s, 'a', 1)"),
        ("coalesce(a,b)", "COALESCE(a, b)"), ("nullif(a,b)", "\"nullif\"(a, b)"), ("main.abs(a)", "main.abs(a)"),
        ("left(s,1)", "\"left\"(s, 1)"), ("year(d)", "\"year\"(d)"), ("greatest(a,b)", "greatest(a, b)"),
        ("list_transform(l, lambda x: x+1)", "list_transform(l, (lambda x: (x + 1)))"),
        // Ours: the arrow form, and names for arguments.
        ("list_transform(l, x -> x+1)", "list_transform(l, (lambda x: (x + 1)))"),
        ("list_reduce(l, (x, y) -> x*y)", "list_reduce(l, (lambda x, y: (x * y)))"),
        ("rolling_avg(a, 3, min_periods => 2)", "rolling_avg(a, 3, min_periods := 2)"),
        ("(a).abs()", "abs(a)"),
    ]

    @Test("Calls and their sentence forms", arguments: called)
    func calls(_ sql: String, _ expected: String) throws {
        #expect(try Parser.parseExpression(sql).canonicalText == expected)
    }

    static let named: [(String, String)] = [
        ("t.a", "a"), ("\"A b\"", "A b"), ("a", "a"), ("a+b", "(a + b)"), ("max(\"a\")", "max(a)"), ("current_date", "current_date"),
        ("'x'", "'x'"), ("null", "NULL"), ("true", "true"), ("(select 1)", "(SELECT ...)"), ("count(*)", "count_star()"),
    ]

    @Test("A result column without an alias is named after its expression", arguments: named)
    func columnNames(_ sql: String, _ expected: String) throws {
        #expect(try Parser.parseExpression(sql).columnName == expected)
    }

    @Test("Number literals keep their digits")
    func numbers() throws {
        let cases: [(String, Literal)] = [
            ("1_000", .integer("1000")), ("0x1F", .integer("31")), ("0b101", .integer("5")),
            ("170141183460469231731687303715884105728", .integer("170141183460469231731687303715884105728")),
            ("0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", .integer("340282366920938463463374607431768211455")),
            ("1.50", .decimal("1.50")), ("5.", .decimal("5.")), ("1e-9", .double("1e-9")), ("1.e5", .double("1.e5")),
            ("DATE '2024-01-31'", .typed("DATE", "2024-01-31")),
            ("timestamp with time zone '2024-01-31'", .typed("TIMESTAMP WITH TIME ZONE", "2024-01-31")),
            ("INTERVAL '3 days'", .interval("3 days", nil)), ("interval '3' days", .interval("3", .day)),
            ("INTERVAL 1.5 MONTH", .interval("1.5", .month)), ("E'a\\n\\x41\\u00e9\\''", .string("a\nA\u{e9}'")),
            ("x'00fF'", .blob([0, 255])),
        ]
        for (sql, expected) in cases {
            let expression = try Parser.parseExpression(sql)
            guard case .literal(let literal) = expression.kind else {
                Issue.record("\(sql) is no literal")
                continue
            }
            #expect(literal == expected, "\(sql)")
        }
    }

    @Test("Ranges cover what an expression was written as")
    func ranges() throws {
        let sql = "  a + f(b, 'x') * (c)"
        let expression = try Parser.parseExpression(sql)
        #expect(expression.range == 2..<21)
        guard case .binary(.add, let left, let right) = expression.kind, case .binary(.multiply, let call, let group) = right.kind
        else {
            Issue.record("unexpected shape")
            return
        }
        #expect(left.range == 2..<3)
        #expect(right.range == 6..<21)
        #expect(call.range == 6..<15)
        #expect(group.range == 18..<21)
    }

    @Test("Conjunctions and concatenations are one node however long")
    func chains() throws {
        for (word, count) in [("AND", 5_000), ("OR", 5_000), ("||", 5_000)] {
            let sql = Array(repeating: "a", count: count).joined(separator: " \(word) ")
            let operands: [ZLQuery.Expression]
            switch try Parser.parseExpression(sql).kind {
            case .and(let list), .or(let list), .concatenate(let list): operands = list
            default: operands = []
            }
            #expect(operands.count == count)
        }
    }

    @Test("Stars carry their changes")
    func stars() throws {
        let sql = "b.* EXCLUDE (x, t.y) REPLACE (z + 1 AS z) RENAME (v AS w)"
        guard case .star(let star) = try Parser.parseExpression(sql).kind else {
            Issue.record("no star")
            return
        }
        #expect(star.qualifier.map(\.text) == ["b"])
        #expect(star.exclude.map { $0.map(\.text) } == [["x"], ["t", "y"]])
        #expect(star.replace.map(\.name.text) == ["z"])
        #expect(star.rename.map(\.name.text) == ["w"])
        guard case .star(let matching) = try Parser.parseExpression("* NOT LIKE 'zl%'").kind else {
            Issue.record("no star")
            return
        }
        #expect(matching.pattern?.pattern == "zl%" && matching.pattern?.isNegated == true)
    }

    @Test("Parameters are counted")
    func parameters() throws {
        let statements = try Parser.parseScript("SELECT ?, ?; SELECT $3 + $name; SELECT 1")
        #expect(statements.map(\.parameterCount) == [2, 3, 0])
    }
}
