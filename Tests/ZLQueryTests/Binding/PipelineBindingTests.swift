import Foundation
import Testing
import ZLColumnar

@testable import ZLQuery

/// Every statement of the pipeline's SQL files binds, in the order in which `pipeline.sql` runs them.
@Suite struct PipelineBindingTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("schemas")

    /// The statements of a file, `.read` lines followed.
    private func statements(_ file: URL) throws -> [(text: String, statement: Statement)] {
        var result: [(String, Statement)] = []
        var pending = ""
        func flush() throws {
            let text = pending
            result += try Parser.parseScript(text).map { (text, $0) }
            pending = ""
        }
        for line in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix(".read ") {
                try flush()
                result += try statements(
                    file.deletingLastPathComponent().appendingPathComponent(String(line.dropFirst(6))))
            } else {
                pending += line + "\n"
            }
        }
        try flush()
        return result
    }

    private func fixture() -> BindingFixture {
        var fixture = BindingFixture()
        fixture.variables = ["bars": (.string("x"), .varchar), "fred": (.string("y"), .varchar)]
        fixture.variables["export"] = (.string("z"), .varchar)
        func rows(_ name: String, _ columns: [(name: String, type: DataType)]) -> TableFunction {
            TableFunction(name, "stands in for the files", example: "", bind: { (_, _, _) throws(ZLError) in
                .rows(columns: columns, chunks: [])
            })
        }
        fixture.tableFunctions.add(
            rows("read_databento", [
                ("ts_event", .timestampNS), ("rtype", .utinyint), ("publisher_id", .usmallint), ("instrument_id", .uinteger),
                ("open", .double), ("high", .double), ("low", .double), ("close", .double), ("volume", .ubigint),
                ("symbol", .varchar),
            ]))
        fixture.tableFunctions.add(
            rows("databento_files", [
                ("hash", .varchar), ("name", .varchar), ("schema", .varchar), ("rows", .bigint), ("first", .timestampNS),
                ("last", .timestampNS),
            ]))
        fixture.tableFunctions.add(
            rows("read_fred", [
                ("series_id", .varchar), ("observation_date", .date), ("value", .double), ("realtime_start", .date),
            ]))
        fixture.tableFunctions.add(
            rows("model_metrics", [
                ("fold", .integer), ("mae", .double), ("zero_mae", .double), ("mean_mae", .double),
                ("direction_accuracy", .double), ("mean_direction_accuracy", .double), ("best_iteration", .bigint),
            ]))
        return fixture
    }

    @Test("every query, view and insert of the pipeline binds and optimizes")
    func pipelineBinds() throws {
        var fixture = fixture()
        var bound = 0
        func check(_ query: Query, _ text: String) throws {
            var binder = fixture.binder
            let result: BoundQuery
            do { result = try Optimizer.optimize(try binder.bind(query), settings: fixture.settings) } catch {
                Issue.record("\(error.description) in: \(text.suffix(from: text.utf8.index(text.startIndex, offsetBy: query.range.lowerBound)).prefix(600))")
                return
            }
            #expect(result.plan.columns.map(\.id) == result.columns.map(\.id))
            bound += 1
        }
        for (text, statement) in try statements(PipelineBindingTests.root.appendingPathComponent("pipeline.sql")) {
            switch statement.kind {
            case .createSchema(let create): fixture.catalog.createSchema(create.name.last)
            case .createTable(let create):
                let columns = try create.columns.map { column in
                    (column.name.text, try Binder.type(try #require(column.type)))
                }
                fixture.table(try #require(create.name.schema), create.name.last, columns)
            case .createView(let create):
                let bytes = Array(text.utf8)[create.query.range]
                try check(create.query, text)
                fixture.view(
                    create.name.last, String(decoding: bytes, as: UTF8.self), schema: try #require(create.name.schema))
            case .insert(let insert):
                if case .query(let query) = insert.source {
                    var whole = query
                    whole.with = insert.with + query.with
                    try check(whole, text)
                }
            case .query(let query): try check(query, text)
            case .copy(let copy):
                if case .query(let query) = copy.source { try check(query, text) }
                var binder = fixture.binder
                #expect(try binder.constant(copy.target).value == .string("z/zl_training_v1.csv"))
            default: break
            }
        }
        #expect(bound >= 25)
        let columns = try fixture.bind("FROM features.zl_training_v1").columns
        #expect(columns.count == 1 + 79 + 2 + 4)
    }
}
