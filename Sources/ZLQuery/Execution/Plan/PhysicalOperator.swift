import ZLColumnar

/// An operator that can run. Its type name is what EXPLAIN prints.
protocol PhysicalOperator: Sendable {
    /// What it gives, in the order of its batches' columns.
    var columns: [OutputColumn] { get }
    var children: [any PhysicalOperator] { get }
    /// Type name and the details worth a line of EXPLAIN.
    var title: String { get }

    /// Whether it may be opened and read several times, in whole or by parts of morsels, at the cost of reading what lies there.
    var isRereadable: Bool { get }
    /// An operator that gives at least the columns `needed` of the same rows.
    func giving(atLeast needed: Set<ColumnID>) -> any PhysicalOperator
    /// An operator that may leave out rows whose `column` comes behind a bar at the time they are looked at, and fails where this one
    /// does.
    func stopping(at bar: KeyBar, of column: ColumnID) -> any PhysicalOperator

    /// An operator that may leave out rows of which some filter's column holds none of its keys. Filters of columns that the operator does
    /// not have are passed over.
    func keeping(_ filters: [KeyFilter]) -> any PhysicalOperator

    /// An operator that gives the same rows, and may give those of many neighbouring source blocks as one batch: more than a chunk.
    func givingLongBatches() -> any PhysicalOperator

    /// A range that holds all values of a whole-number column; nil where none is known without reading rows.
    func wholeBounds(of column: ColumnID) -> ClosedRange<Int64>?

    /// The dictionary that all vectors of a text column will have; nil where they may have none or several. They may be put in that form
    /// first, for good.
    func sharedTexts(of column: ColumnID, _ context: ExecutionContext) throws(ZLError) -> ColumnVector?

    /// Gets ready to give rows: breakers run their children to the end here.
    func open(_ context: ExecutionContext) throws -> any BatchSource
}

extension PhysicalOperator {
    var isRereadable: Bool { false }
    func giving(atLeast needed: Set<ColumnID>) -> any PhysicalOperator { self }
    func stopping(at bar: KeyBar, of column: ColumnID) -> any PhysicalOperator { self }
    func keeping(_ filters: [KeyFilter]) -> any PhysicalOperator { self }
    func givingLongBatches() -> any PhysicalOperator { self }

    func wholeBounds(of column: ColumnID) -> ClosedRange<Int64>? { nil }
    func sharedTexts(of column: ColumnID, _ context: ExecutionContext) throws(ZLError) -> ColumnVector? { nil }

    var types: [DataType] { columns.map(\.type) }
    var layout: ColumnLayout { ColumnLayout(columns) }
}

/// Where each column of an input stands.
struct ColumnLayout: Sendable {
    private let positions: [ColumnID: Int]

    init(_ columns: [OutputColumn]) {
        positions = Dictionary(columns.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func position(_ id: ColumnID) throws(ZLError) -> Int {
        guard let position = positions[id] else {
            throw ZLError(.internal, "missing_column", "a plan reads column #\(id.number), which its input does not have")
        }
        return position
    }
}
