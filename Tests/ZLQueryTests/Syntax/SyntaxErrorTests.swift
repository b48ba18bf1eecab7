import Testing
import ZLColumnar

@testable import ZLQuery

@Suite("Syntax errors")
struct SyntaxErrorTests {
    struct Case: Sendable {
        var sql: String
        var offset: Int
        var message: String
        var hint: String?

        init(_ sql: String, _ offset: Int, _ message: String, hint: String? = nil) {
            self.sql = sql
            self.offset = offset
            self.message = message
            self.hint = hint
        }
    }

    static let cases: [Case] = [
        Case("SELCT 1", 0, "expected a statement but found 'SELCT'", hint: "Did you mean SELECT?"),
        Case("CRAETE TABLE t (a INT)", 0, "expected a statement but found 'CRAETE'", hint: "Did you mean CREATE?"),
        Case("SELECT 1; UPDTE t SET a = 1", 10, "expected a statement but found 'UPDTE'", hint: "Did you mean UPDATE?"),
        Case("SELECT", 6, "expected an expression but found the end of the statement"),
        Case("SELECT 1 +", 10, "expected an expression but found the end of the statement"),
        Case("SELECT a FROM", 13, "expected a table name but found the end of the statement"),
        Case("SELECT a FORM t", 14, "but found 't'", hint: "Did you mean FROM instead of 'FORM'?"),
        Case("SELECT a FROM t WHRE x = 1", 21, "but found 'x'", hint: "Did you mean WHERE instead of 'WHRE'?"),
        Case("SELECT a FROM t ORDER BY a WHERE b", 27, "but found the keyword WHERE", hint: "The clauses come in the order"),
        Case("SELECT a FROM t GROUP a", 22, "expected BY but found 'a'"),
        Case("SELECT a b c FROM t", 11, "but found 'c'", hint: "A comma"),
        Case("SELECT (1 + 2 FROM t", 14, "expected ',', ')' or an operator but found the keyword FROM"),
        Case("SELECT f(1, ) FROM t", 12, "expected an argument but found ')'"),
        Case("SELECT a FROM select", 14, "expected a table name", hint: "Write \"select\" in double quotes"),
        Case("SELECT a FROM t JOIN u", 22, "expected ON or USING after the joined table"),
        Case("SELECT a FROM t CROSS JOIN u ON 1", 29, "a CROSS JOIN takes no condition", hint: "Write JOIN"),
        Case("SELECT 1 < 2 < 3", 13, "comparisons cannot be chained", hint: "Write a < b AND b < c."),
        Case("SELECT 'abc", 7, "the string that begins here has no end"),
        Case("SELECT \"abc", 7, "the quoted name that begins here has no end"),
        Case("SELECT 1 /* x", 9, "the comment that begins here has no end"),
        Case("SELECT $$ x $", 7, "the dollar-quoted string that begins here has no end"),
        Case("SELECT `a`", 7, "unexpected character '`'", hint: "Names are quoted with double quotes"),
        Case("SELECT \u{2018}a\u{2019}", 7, "unexpected typographic quote", hint: "Strings are quoted with '"),
        Case("SELECT 12abc", 7, "malformed number '12abc'"),
        Case("SELECT 0xZZ", 7, "malformed number '0xZZ'"),
        Case("SELECT 1__0", 7, "malformed number '1__0'"),
        Case("SELECT x'0'", 7, "even number of hexadecimal digits"),
        Case("SELECT \"\"", 7, "a quoted name must not be empty"),
        Case("SELECT #1", 7, "unexpected character '#'"),
        Case("SELECT sum(a) OVER (ORDER BY b ROWS 5)", 37, "expected PRECEDING or FOLLOWING"),
        Case("SELECT sum(a) OVER (ROWS BETWEEN UNBOUNDED FOLLOWING AND CURRENT ROW)", 33, "a frame cannot begin at its end"),
        Case("CREATE TABEL t (a INT)", 7, "but found 'TABEL'", hint: "Did you mean TABLE?"),
        Case("CREATE TABLE t", 14, "expected '(' with columns or AS with a query"),
        Case("CREATE TABLE t (a INT b INT)", 22, "or ',' after a column"),
        Case("CREATE OR REPLACE TABLE IF NOT EXISTS t (a INT)", 24, "cannot stand together"),
        Case("INSERT INTO t (a) VALUE (1)", 18, "expected VALUES, a query or DEFAULT VALUES", hint: "Did you mean VALUES?"),
        Case("COPY t FROM x.csv", 12, "expected a file in quotes"),
        Case("COPY (SELECT 1) FROM 'x'", 16, "a query can only be copied to a file"),
        Case("TRAIN BOOSTED m ON v FEATURES (a)", 21, "expected TARGET but found 'FEATURES'"),
        Case("TRAIN BOOSTED m ON v TARGET y WEIGHT a WEIGHT b", 39, "WEIGHT stands twice"),
        Case("TRAIN BOOSTED m ON v TARGET y VALIDATE WALK FORWARD (PURGE 3)", 60, "expected FOLDS n"),
        Case("TRAIN BOOSTED m ON v TARGET y VALIDATE WALK FORWARD (FOLDS 3, FOLDS 4)", 62, "each once"),
        Case("EXPLAIN LOOKAHEAD", 17, "expected a statement"),
        Case("SELECT CASE WHEN a THEN b", 25, "expected END"),
        Case("SELECT a FROM t LIMIT 1 LIMIT 2", 24, "but found the keyword LIMIT"),
        Case("SELECT * FROM (a", 16, "expected ')' after the joined tables"),
        Case("SELECT (SELECT 1", 16, "expected ')' after the query"),
    ]

    @Test("An error says what was found, what was expected, and where", arguments: cases)
    func errors(_ expected: Case) throws {
        let error = try #require(throws: ZLError.self) { try Parser.parseScript(expected.sql) }
        #expect(error.kind == .syntax)
        #expect(error.range?.lowerBound == expected.offset)
        #expect(error.message.contains(expected.message), "\(error.message)")
        if let hint = expected.hint { #expect(error.hint?.contains(hint) == true, "\(error.hint ?? "no hint")") }
    }

    @Test("Bytes that are no UTF-8 are an error at their offset")
    func invalidUTF8() throws {
        let bad: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xC3, 0x28],
        ]
        for bytes in bad {
            let text = Array("SELECT '".utf8) + bytes + Array("'".utf8)
            let error = try #require(throws: ZLError.self) { try Parser.parseScript(text) }
            #expect(error.code == "invalid_utf8" && error.range?.lowerBound == 8, "\(bytes)")
        }
    }

    @Test("Escapes that make no text are refused")
    func invalidEscapes() throws {
        for sql in ["SELECT E'\\xFF'", "SELECT E'\\uD800'", "SELECT E'\\000'", "SELECT E'\\u12'"] {
            let error = try #require(throws: ZLError.self) { try Parser.parseScript(sql) }
            #expect(error.code == "invalid_escape", "\(sql)")
        }
    }

    @Test("What is not there yet is named")
    func notYet() throws {
        for (sql, name) in [("MERGE INTO t USING u ON a = b", "MERGE INTO"), ("CREATE SECRET s (a 1)", "CREATE SECRET")] {
            let error = try #require(throws: ZLError.self) { try Parser.parseScript(sql) }
            #expect(error.code == "not_implemented" && error.message.contains(name))
        }
    }

    @Test("Deep nesting ends in an error, however it is built")
    func nesting() throws {
        let deep = 10_000
        func repeated(_ text: String) -> String { String(repeating: text, count: deep) }
        let texts = [
            "SELECT " + repeated("("), "SELECT " + repeated("(") + "1" + repeated(")"), "SELECT " + repeated("NOT ") + "a",
            "SELECT " + repeated("- ") + "1", "SELECT " + repeated("~ ") + "1", "SELECT " + repeated("f("),
            "SELECT " + repeated("["), "SELECT " + repeated("{'a':"), "SELECT " + repeated("CASE WHEN "),
            "SELECT " + repeated("CAST("), "SELECT " + repeated("(SELECT "), "SELECT * FROM " + repeated("("),
            "SELECT * FROM " + repeated("(SELECT * FROM "), "SELECT 1 UNION " + repeated("("), repeated("EXPLAIN "),
            "SELECT a::" + repeated("STRUCT(a "), "SELECT a::INT" + repeated("[]"), "SELECT " + repeated("x -> "),
            "SELECT a" + repeated("[1"), "WITH a AS (" + repeated("WITH a AS ("), "SELECT " + repeated("a IN ("),
            "SELECT " + repeated("EXISTS (SELECT "), "SELECT " + repeated("LAMBDA x: "), "SELECT " + repeated("INTERVAL ("),
            "SELECT 1 GROUP BY " + repeated("GROUPING SETS ("), repeated("PREPARE a AS "), "SELECT " + repeated("sum(a) OVER (ORDER BY "),
        ]
        for text in texts {
            let error = try #require(throws: ZLError.self, "\(text.prefix(30))") { try Parser.parseScript(text) }
            #expect(["nesting_too_deep", "unexpected_end"].contains(error.code), "\(text.prefix(30)): \(error.message)")
        }
    }

    @Test("Long chains end in an error rather than in a tree too high for its readers")
    func chains() throws {
        let count = 10_000
        func chain(_ text: String) -> String { String(repeating: text, count: count) }
        let texts = [
            "SELECT 1" + chain(" + 1"), "SELECT a" + chain("::INT"), "SELECT a" + chain("[1]"), "SELECT (a)" + chain(".b"),
            "SELECT a" + chain(" IS NULL"), "SELECT a" + chain(" COLLATE c"), "SELECT 1" + chain(" UNION SELECT 1"),
            "SELECT * FROM a" + chain(" CROSS JOIN a"), "SELECT a" + chain(" -> 'b'"), "SELECT a" + chain(" LIKE 'b'"),
            "SELECT (a)" + chain(".f()"),
        ]
        for text in texts {
            let error = try #require(throws: ZLError.self, "\(text.prefix(30))") { try Parser.parseScript(text) }
            #expect(error.code == "expression_too_deep", "\(text.prefix(30)): \(error.message)")
        }
    }

    @Test("What is deep but within the limits is read")
    func withinLimits() throws {
        let levels = 190
        let parentheses = String(repeating: "(", count: levels) + "1" + String(repeating: ")", count: levels)
        _ = try Parser.parseExpression(parentheses)
        _ = try Parser.parseExpression("1" + String(repeating: " + 1", count: 900))
        _ = try Parser.parseExpression("f(" + (0..<5_000).map { "\($0) + 1" }.joined(separator: ", ") + ")")
        let union = Array(repeating: "SELECT 1 + 2", count: 900).joined(separator: " UNION ALL ")
        _ = try Parser.parseScript(union)
        let rows = (0..<20_000).map { "(\($0), 'x')" }.joined(separator: ", ")
        _ = try Parser.parseScript("INSERT INTO t VALUES \(rows)")
    }
}
