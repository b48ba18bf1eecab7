import ZLColumnar
import ZLFormats

/// One row without columns.
struct SingleRow: PhysicalOperator {
    var columns: [OutputColumn] { [] }
    var children: [any PhysicalOperator] { [] }
    var title: String { "SingleRow" }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        ChunkSource([DataChunk(columns: [], rowCount: 1)])
    }
}

/// Rows that are there already: VALUES, the engine's own tables.
struct ChunkScan: PhysicalOperator {
    let columns: [OutputColumn]
    let chunks: [DataChunk]

    var children: [any PhysicalOperator] { [] }
    var isRereadable: Bool { true }
    var title: String { "ChunkScan \(chunks.reduce(0) { $0 + $1.rowCount }) rows" }

    func open(_ context: ExecutionContext) throws -> any BatchSource { ChunkSource(chunks) }
}

/// Rows of constant expressions.
struct ValuesScan: PhysicalOperator {
    let rows: [[BoundExpression]]
    let columns: [OutputColumn]

    var children: [any PhysicalOperator] { [] }
    var title: String { "Values \(rows.count) rows" }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let one = DataChunk(columns: [], rowCount: 1)
        let layout = ColumnLayout([])
        let builders = columns.map { ColumnBuilder(type: $0.type, capacity: rows.count) }
        for row in rows {
            for (expression, builder) in zip(row, builders) {
                builder.append(try PhysicalExpression(expression, layout).evaluate(one))
            }
        }
        return ColumnSource(builders.map { $0.finish() }, rowCount: rows.count)
    }
}

/// Reads files; a morsel is a task of the scan, usually a file.
struct FileRead: PhysicalOperator {
    let node: FileScanNode

    var columns: [OutputColumn] { node.columns }
    var children: [any PhysicalOperator] { [] }
    var title: String { "FileRead \(node.functionName): " + node.columns.map(\.name).joined(separator: ", ") }

    private struct Source: BatchSource {
        let node: FileScanNode
        let cancellation: CancellationFlag

        var morselCount: Int { node.scan.taskCount }

        func table(columns: [Int]) -> TableData? { node.scan.table(projection: columns.map { node.indices[$0] }) }

        /// Blocks of a task; no task has as many.
        private static let blockStride = 1 << 32

        func run(morsel: Int, emit: (Batch) throws -> Void) throws {
            var position = morsel * Source.blockStride * DataChunk.blockSize
            try node.scan.read(task: morsel, projection: node.indices, cancellation: cancellation) { chunk in
                try emit(Batch(chunk, at: position))
                position += (chunk.rowCount + DataChunk.blockSize - 1) / DataChunk.blockSize * DataChunk.blockSize
            }
        }
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        Source(node: node, cancellation: context.cancellation)
    }
}

/// generate_series and range: whole numbers, or points in time a step apart.
struct SeriesScan: PhysicalOperator {
    let node: SeriesNode

    var columns: [OutputColumn] { [node.column] }
    var children: [any PhysicalOperator] { [] }
    var title: String { "Series \(node.count) rows" }

    private struct Source: BatchSource {
        let node: SeriesNode
        private static let rowsPerMorsel = 60 * DataChunk.capacity

        var morselCount: Int { (node.count + Source.rowsPerMorsel - 1) / Source.rowsPerMorsel }

        func run(morsel: Int, emit: (Batch) throws -> Void) throws {
            var start = morsel * Source.rowsPerMorsel
            let end = min(node.count, start + Source.rowsPerMorsel)
            while start < end {
                let count = min(DataChunk.capacity, end - start)
                let first = node.start &+ Int64(start) &* node.integerStep
                let column = ColumnVector.sequence(node.column.type, first: first, step: node.integerStep, count: count)
                try emit(Batch(DataChunk(columns: [column], rowCount: count), at: start))
                start += count
            }
        }
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource { Source(node: node) }
}

/// Reads the rows of a shared subplan, which runs once a query.
struct SharedScan: PhysicalOperator {
    let columns: [OutputColumn]
    let shared: SharedResult

    var children: [any PhysicalOperator] { [] }
    var isRereadable: Bool { true }
    var title: String { "SharedScan \(shared.name)" }

    func open(_ context: ExecutionContext) throws -> any BatchSource { ChunkSource(try shared.chunks(context)) }
}

/// The rows of a subplan that several operators read.
final class SharedResult: @unchecked Sendable {  // proof: operators are opened one after the other, on the statement's thread
    let name: String
    let plan: any PhysicalOperator
    private var result: [DataChunk]?

    init(name: String, plan: any PhysicalOperator) {
        self.name = name
        self.plan = plan
    }

    func chunks(_ context: ExecutionContext) throws -> [DataChunk] {
        if let result { return result }
        let made = try plan.open(context).collect(context)
        result = made
        return made
    }
}

/// Exactly one row: the child's only row, NULLs where it has none, an error where it has more.
struct ScalarRow: PhysicalOperator {
    let child: any PhysicalOperator

    var columns: [OutputColumn] { child.columns }
    var children: [any PhysicalOperator] { [child] }
    var title: String { "ScalarRow" }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let chunks = try child.open(context).collect(context)
        let count = chunks.reduce(0) { $0 + $1.rowCount }
        guard count <= 1 else {
            throw ZLError(
                .execution, "scalar_subquery_rows",
                "a subquery used as a value returned \(count) rows, expected at most 1", hint: "add LIMIT 1, or an aggregate")
        }
        if let chunk = chunks.first { return ChunkSource([chunk]) }
        return ChunkSource([DataChunk(columns: types.map { .nulls($0, count: 1) }, rowCount: 1)])
    }
}
