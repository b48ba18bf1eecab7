import ZLColumnar

/// Predicates that must all be true, as filters and scans apply them.
///
/// Comparisons of columns with columns and constants cannot fail, so they see all rows and their outcomes are combined as bits;
/// each of the others, in the order written, sees only the rows that are still open.
struct Conjunction: Sendable {
    private let comparisons: [ColumnComparison]
    private let others: [PhysicalExpression]

    init(_ predicates: [PhysicalExpression]) {
        var comparisons: [ColumnComparison] = []
        var others: [PhysicalExpression] = []
        for predicate in predicates {
            var parts = [predicate]
            if case .and(let operands) = predicate { parts = operands }
            for part in parts {
                if let comparison = ColumnComparison(part) { comparisons.append(comparison) } else { others.append(part) }
            }
        }
        self.comparisons = comparisons
        self.others = others
    }

    var isEmpty: Bool { comparisons.isEmpty && others.isEmpty }

    /// Whether comparisons are all there is.
    var isOnlyComparisons: Bool { others.isEmpty }

    /// The rows for which all are true; nil where these are all rows.
    func rows(of chunk: DataChunk) throws(ZLError) -> Selection? {
        var kept: Selection?
        if !comparisons.isEmpty {
            let mask = RowMask(count: chunk.rowCount)
            for comparison in comparisons { try comparison.narrow(mask, chunk) }
            kept = mask.selection()
        }
        return try rows(among: kept, of: chunk)
    }

    /// Takes the rows of a table for which a comparison is not true out of `mask`; comparisons are asked before any row is decoded.
    ///
    /// - Parameters:
    ///   - segment: what the rows of a column of the chunk are read from.
    ///   - chunk: the rows, where some comparison needs them decoded.
    func narrow(
        _ mask: RowMask, _ rows: Range<Int>, segment: (Int) throws(ZLError) -> SegmentRows, chunk: () throws(ZLError) -> DataChunk
    ) throws(ZLError) {
        for comparison in comparisons {
            if mask.isEmpty { return }
            if try !comparison.narrow(mask, rows, segment: segment) { try comparison.narrow(mask, try chunk()) }
        }
    }

    /// Those of some rows, or of all, for which what is no comparison is true too; nil where these are all rows.
    func rows(among some: Selection?, of chunk: DataChunk) throws(ZLError) -> Selection? {
        var kept = some
        for predicate in others {
            if kept?.count == 0 { break }
            let open = kept.map { chunk.gather($0.rows, count: $0.count) } ?? chunk
            let passing = Selection(whereTrue: try predicate.evaluate(open))
            if passing.count < open.rowCount { kept = kept.map { $0.narrowed(by: passing) } ?? passing }
        }
        return kept
    }
}

extension Selection {
    /// The rows of this selection at the places of another one.
    func narrowed(by places: Selection) -> Selection {
        let result = Selection(capacity: places.count)
        for index in 0..<places.count { result.append(rows[Int(places.rows[index])]) }
        return result
    }

    /// The rows of both selections; each has its rows ascending.
    func intersection(_ other: Selection) -> Selection {
        let result = Selection(capacity: min(count, other.count))
        var (left, right) = (0, 0)
        while left < count, right < other.count {
            let (row, candidate) = (rows[left], other.rows[right])
            if row == candidate { result.append(row) }
            left += row <= candidate ? 1 : 0
            right += candidate <= row ? 1 : 0
        }
        return result
    }
}
