import CKernels
import ZLColumnar

/// The left side of a hash join: finds the matches of a batch and gives what the kind of join asks for.
struct JoinProbe: Sendable {
    private let kind: LogicalJoinKind
    private let build: JoinBuild
    private let keys: [PhysicalExpression]
    private let residual: PhysicalExpression?
    private let markIsThreeValued: Bool
    /// Places of the columns that are given, of the left side and of the build.
    private let keptLeft: [Int]
    private let keptRight: [Int]

    init(
        node: JoinNode, left: any PhysicalOperator, right: any PhysicalOperator, build: JoinBuild, keptLeft: [Int], keptRight: [Int]
    ) throws(ZLError) {
        self.keptLeft = keptLeft
        self.keptRight = keptRight
        kind = node.kind
        self.build = build
        keys = try PhysicalExpression.all(node.keys.map(\.left), left.layout)
        if let condition = node.residual {
            residual = try PhysicalExpression(condition, ColumnLayout(left.columns + right.columns))
        } else {
            residual = nil
        }
        markIsThreeValued = node.markIsThreeValued
    }

    func join(_ batch: Batch, emit: (Batch) throws -> Void) throws {
        let count = batch.chunk.rowCount
        guard count > 0 else { return }
        var vectors: [ColumnVector] = []
        for key in keys { vectors.append(try key.evaluate(batch.chunk)) }
        let found = Buffer(byteCount: max(16, count * 4))
        let numbers = found.values(UInt32.self)
        if kind == .inner || kind == .left, build.isUnique, residual == nil {
            build.findRows(vectors, count: count, into: numbers)
            return try emitSingle(batch, numbers, emit)
        }
        build.find(vectors, count: count, into: numbers)
        switch kind {
        case .inner, .left, .right, .full:
            try emitPairs(batch, numbers, emit)
        case .semi, .anti, .nullAwareAnti, .mark:
            try emitLeft(batch, vectors, try hits(batch, numbers), emit)
        case .cross, .positional:
            throw ZLError(.internal, "join_kind", "a \(kind.rawValue) join has no keys")
        }
    }

    /// Each left row with its only right row; an inner join leaves out rows without one.
    private func emitSingle(_ batch: Batch, _ rightRows: UnsafePointer<UInt32>, _ emit: (Batch) throws -> Void) throws {
        let count = batch.chunk.rowCount
        let left = batch.giving(keptLeft)
        let areAllFound = zl_all_found(rightRows, count) != 0
        if areAllFound || kind == .left {
            return try emit(left.with(left.chunk.columns + build.gather(rightRows, count: count, allowsMissing: !areAllFound)))
        }
        let matches = Buffer(byteCount: (count + 1) * 4)
        let kept = Selection(capacity: count) { zl_matched_rows(rightRows, count, $0, matches.values(UInt32.self)) }
        if kept.count == 0 { return }
        var joined = left.selecting(kept.rows, count: kept.count)
        joined.chunk.columns += build.gather(matches.values(UInt32.self), count: kept.count)
        try emit(joined)
    }

    /// Pairs of rows that match, in pieces of at most a chunk; unmatched left rows with NULLs where the kind keeps them.
    private func emitPairs(
        _ batch: Batch, _ numbers: UnsafePointer<UInt32>, _ emit: (Batch) throws -> Void
    ) throws {
        let keepsLeft = kind == .left || kind == .full
        let tracksRight = kind == .right || kind == .full
        var pairs = PairList()
        var hasMatch = [Bool](repeating: false, count: residual == nil || !keepsLeft ? 0 : batch.chunk.rowCount)
        for row in 0..<batch.chunk.rowCount {
            if numbers[row] != ColumnVector.noRow {
                for match in build.matches(numbers[row]) {
                    pairs.append(UInt32(row), match)
                    if pairs.count == DataChunk.capacity {
                        try flush(&pairs, batch, tracksRight, &hasMatch, emit)
                    }
                }
            } else if keepsLeft, residual == nil {
                pairs.append(UInt32(row), ColumnVector.noRow)
                if pairs.count == DataChunk.capacity { try flush(&pairs, batch, tracksRight, &hasMatch, emit) }
            }
        }
        try flush(&pairs, batch, tracksRight, &hasMatch, emit)
        guard keepsLeft, residual != nil else { return }
        for row in 0..<batch.chunk.rowCount where !hasMatch[row] { pairs.append(UInt32(row), ColumnVector.noRow) }
        if pairs.count > 0 { try emit(pairs.join(batch.giving(keptLeft), keptRight.map { build.columns[$0] })) }
    }

    private func flush(
        _ pairs: inout PairList, _ batch: Batch, _ tracksRight: Bool, _ hasMatch: inout [Bool],
        _ emit: (Batch) throws -> Void
    ) throws {
        guard pairs.count > 0 else { return }
        defer { pairs.removeAll() }
        var joined: Batch
        if let residual {
            joined = paired(pairs, batch)
            let kept = Selection(whereTrue: try residual.evaluate(joined.chunk))
            for index in 0..<kept.count {
                let pair = Int(kept.rows[index])
                if !hasMatch.isEmpty { hasMatch[Int(pairs.left[pair])] = true }
                if tracksRight { build.markMatched(pairs.right[pair]) }
            }
            if kept.count == 0 { return }
            joined = joined.giving(keptLeft + keptRight.map { batch.chunk.columns.count + $0 }).selecting(kept.rows, count: kept.count)
        } else {
            joined = pairs.join(batch.giving(keptLeft), keptRight.map { build.columns[$0] })
            for index in 0..<pairs.count where tracksRight && pairs.right[index] != ColumnVector.noRow { build.markMatched(pairs.right[index]) }
        }
        try emit(joined)
    }

    /// All columns of both sides, for the residual condition.
    private func paired(_ pairs: PairList, _ batch: Batch) -> Batch { pairs.join(batch, build.columns) }

    /// Whether each left row has a match that passes the residual condition.
    private func hits(_ batch: Batch, _ numbers: UnsafePointer<UInt32>) throws -> [Bool] {
        let count = batch.chunk.rowCount
        guard let residual else { return (0..<count).map { numbers[$0] != ColumnVector.noRow } }
        var hit = [Bool](repeating: false, count: count)
        var pairs = PairList()
        func test() throws {
            guard pairs.count > 0 else { return }
            let kept = Selection(whereTrue: try residual.evaluate(paired(pairs, batch).chunk))
            for index in 0..<kept.count { hit[Int(pairs.left[Int(kept.rows[index])])] = true }
            pairs.removeAll()
        }
        for row in 0..<count where numbers[row] != ColumnVector.noRow {
            for match in build.matches(numbers[row]) {
                pairs.append(UInt32(row), match)
                if pairs.count == DataChunk.capacity { try test() }
            }
        }
        try test()
        return hit
    }

    private func emitLeft(
        _ batch: Batch, _ keys: [ColumnVector], _ hits: [Bool], _ emit: (Batch) throws -> Void
    ) throws {
        let count = batch.chunk.rowCount
        func hasNullKey(_ row: Int) -> Bool { zip(keys, build.nullsMatch).contains { !$1 && $0.isNull(row) } }
        if kind == .mark {
            let builder = ColumnBuilder(type: .boolean, capacity: count)
            for row in 0..<count {
                let isUnknown = markIsThreeValued && build.rowCount > 0 && !hits[row] && (build.hasNullKey || hasNullKey(row))
                if isUnknown { builder.appendNull() } else { builder.append(UInt8(hits[row] ? 1 : 0)) }
            }
            return try emit(batch.with(keptLeft.map { batch.chunk.columns[$0] } + [builder.finish()]))
        }
        let kept = Selection(capacity: count)
        for row in 0..<count {
            let keeps: Bool
            switch kind {
            case .semi: keeps = hits[row]
            case .anti: keeps = !hits[row]
            default: keeps = build.rowCount == 0 || (!hits[row] && !build.hasNullKey && !hasNullKey(row))
            }
            if keeps { kept.append(UInt32(row)) }
        }
        if kept.count > 0 { try emit(batch.giving(keptLeft).selecting(kept.rows, count: kept.count)) }
    }
}

/// Pairs of a left row of a batch and a right row, `ColumnVector.noRow` for none. Left rows ascend.
struct PairList {
    private(set) var left: [UInt32] = []
    private(set) var right: [UInt32] = []

    var count: Int { left.count }

    init() {
        left.reserveCapacity(DataChunk.capacity)
        right.reserveCapacity(DataChunk.capacity)
    }

    mutating func append(_ leftRow: UInt32, _ rightRow: UInt32) {
        left.append(leftRow)
        right.append(rightRow)
    }

    mutating func removeAll() {
        left.removeAll(keepingCapacity: true)
        right.removeAll(keepingCapacity: true)
    }

    /// The rows side by side. The block border follows the left rows.
    func join(_ batch: Batch, _ rightColumns: [ColumnVector]) -> Batch {
        let count = count
        return left.withUnsafeBufferPointer { leftRows in
            right.withUnsafeBufferPointer { rightRows in
                guard let leftStart = leftRows.baseAddress, let rightStart = rightRows.baseAddress else { return batch }
                let picked = batch.picking(leftStart, count: count)
                let present = ValidityBitmap.present(rightStart, count: count)
                return picked.with(picked.chunk.columns + rightColumns.map { $0.gather(rightStart, count: count, present: present) })
            }
        }
    }
}
