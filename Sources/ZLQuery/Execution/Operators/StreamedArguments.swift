import ZLColumnar
import ZLFunctions

/// The arguments of streamed window calls: evaluated over batches, or, columns of segments that nothing else reads, decoded where they are
/// looked at.
struct StreamedArguments: Sendable {
    /// Gives the rows of the window's input, without columns that only arguments are.
    let child: any BatchSource
    let columns: [OutputColumn]
    /// Gives the segments.
    private let segmented: any BatchSource
    private let arguments: [Argument]
    private let rows: OrderedRows

    private struct Argument: Sendable {
        let type: DataType
        let source: Source
    }

    private enum Source: Sendable {
        /// Evaluated over batches; the place among what a part's are.
        case expression(PhysicalExpression, Int)
        /// The place among the segments.
        case segment(Int)
    }

    /// - Parameter passing: columns of the child that are read above; nil where all are.
    init(
        _ expressions: [BoundExpression], of child: any PhysicalOperator, passing: Set<ColumnID>?, _ rows: OrderedRows, _ context: ExecutionContext
    ) throws {
        self.rows = rows
        segmented = try child.open(context)
        let givesSegments = try segmented.morselCount > 0 && segmented.segments(morsel: 0) != nil
        func segment(of expression: BoundExpression) -> Int? {
            guard givesSegments, let passing, case .column(let id) = expression.kind, !passing.contains(id),
                expression.type.physical != .string
            else { return nil }
            return child.columns.firstIndex { $0.id == id }
        }
        let places = expressions.map(segment)
        var inner = child
        if let passing, places.contains(where: { $0 != nil }) {
            var read = passing
            for (expression, place) in zip(expressions, places) where place == nil { expression.collectColumns(into: &read) }
            inner = child.giving(atLeast: read)
            self.child = try inner.open(context)
        } else {
            self.child = segmented
        }
        columns = inner.columns
        var arguments: [Argument] = []
        var evaluated = 0
        for (expression, place) in zip(expressions, places) {
            if let place {
                arguments.append(Argument(type: expression.type, source: .segment(place)))
            } else {
                arguments.append(Argument(type: expression.type, source: .expression(try PhysicalExpression(expression, inner.layout), evaluated)))
                evaluated += 1
            }
        }
        self.arguments = arguments
    }

    /// Whether no argument is evaluated over batches.
    var areSegments: Bool {
        arguments.allSatisfy { if case .segment = $0.source { true } else { false } }
    }

    func read(_ part: Int) throws -> PartRows {
        let morsel = rows.morsel(of: part)
        let local = part - rows.morselParts[morsel]
        var read = PartRows()
        try child.run(morsel: morsel, parts: local..<local + 1) { batch in
            read.batches.append(batch)
            for argument in arguments {
                guard case .expression(let expression, let place) = argument.source else { continue }
                if place == read.vectors.count { read.vectors.append([]) }
                read.vectors[place].append(try expression.evaluate(batch.chunk))
            }
        }
        return read
    }

    /// The arguments' values over `range`; where some are evaluated, the rows of the parts `needed`, which are held.
    func values(_ held: HeldParts, _ needed: Range<Int>, _ range: Range<Int>) throws -> [ColumnVector] {
        try arguments.map { argument in
            switch argument.source {
            case .segment(let place): try decoded(place, argument.type, range)
            case .expression(_, let place):
                ColumnVector.concatenate(
                    needed.flatMap { place < held[$0].vectors.count ? held[$0].vectors[place] : [] }, type: argument.type)
            }
        }
    }

    private func decoded(_ place: Int, _ type: DataType, _ range: Range<Int>) throws -> ColumnVector {
        let stride = type.physical.stride
        let buffer = Buffer(byteCount: max(16, range.count * stride))
        var validity: ValidityBitmap?
        var row = range.lowerBound
        while row < range.upperBound {
            let morsel = rows.morsel(of: rows.part(of: row))
            let first = rows.partStarts[rows.morselParts[morsel]]
            let end = min(range.upperBound, rows.partStarts[rows.morselParts[morsel + 1]])
            guard end > row, let segment = try segmented.segments(morsel: morsel)?[place] else {
                throw ZLError(.internal, "segments", "a source does not give the segments that it said")
            }
            let target = row - range.lowerBound
            if let found = segment.decode(row - first..<end - first, to: buffer.address + target * stride) {
                let bitmap = validity ?? ValidityBitmap(count: range.count, allValid: true)
                bitmap.setNulls(of: found, count: end - row, at: target)
                validity = bitmap
            }
            row = end
        }
        return ColumnVector(type: type, count: range.count, buffer: buffer, validity: validity)
    }
}

/// What was read of one part: its batches, and for each argument that is evaluated the vectors over them.
struct PartRows {
    var batches: [Batch] = []
    var vectors: [[ColumnVector]] = []
}

/// Neighbouring parts that were read.
struct HeldParts {
    private var first: Int
    private var parts: [PartRows] = []

    init(first: Int) { self.first = first }

    subscript(part: Int) -> PartRows { parts[part - first] }

    func contains(_ part: Int) -> Bool { part >= first && part < first + parts.count }

    /// Forgets the parts before `part`.
    mutating func drop(before part: Int) {
        parts.removeFirst(min(max(0, part - first), parts.count))
        first = parts.isEmpty ? part : max(first, part)
    }

    /// Parts come in ascending order, without a gap.
    mutating func append(_ rows: PartRows, _ part: Int) {
        precondition(part == first + parts.count)
        parts.append(rows)
    }
}
