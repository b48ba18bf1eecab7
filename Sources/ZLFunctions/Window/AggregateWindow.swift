import ZLColumnar

/// Any aggregate over any frame.
///
/// A frame that only grows from row to row keeps its state, a frame that only shrinks at its start is computed from the last
/// row back where the order of the rows does not matter; others get a state of their own for each distinct frame.
///
/// - Complexity: O(1) a row for growing and shrinking frames and for whole partitions, else O(rows of the frame).
package struct AggregateWindow: WindowEvaluator {
    private let overload: AggregateOverload
    private let signature: ResolvedSignature
    private let constants: [Value?]
    private let isOrderSensitive: Bool

    /// What computes the aggregate called `name` over frames: its own kernel where there is one.
    package static func makeEvaluator(
        _ name: String, _ overload: AggregateOverload, signature: ResolvedSignature, constants: [Value?], isOrderSensitive: Bool
    ) -> any WindowEvaluator {
        let general = AggregateWindow(
            overload: overload, signature: signature, constants: constants, isOrderSensitive: isOrderSensitive)
        return FramedAggregates.evaluator(name, signature, constants, general: general) ?? general
    }

    package func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        var running: Running?
        for row in isComputedBackwards(partition.frame) ? Array(partition.rows.reversed()) : Array(partition.rows) {
            let range = partition.frameRange(row)
            if let known = running, partition.exclusion == .noOthers, let added = known.growth(to: range) {
                if !added.isEmpty {
                    try add(partition, added, to: known.state, row)
                    running = Running(state: known.state, range: range, value: try finish(known.state, output))
                }
            } else {
                let state = try overload.makeState(signature, constants)
                state.grow(to: 1)
                try add(partition, range, to: state, row)
                running = Running(state: state, range: range, value: try finish(state, output))
            }
            if let value = running?.value, !value.isNull(0) { output.copy(value, from: 0, to: row) }
        }
    }

    /// The state of the frame before.
    private struct Running {
        let state: any AggregateState
        let range: Range<Int>
        let value: ColumnVector

        /// The rows that `next` has more than this frame, where it has all of this one's and they lie at one side; else nil.
        func growth(to next: Range<Int>) -> Range<Int>? {
            if next == range { return next.upperBound..<next.upperBound }
            guard !range.isEmpty else { return nil }
            if next.lowerBound == range.lowerBound, next.upperBound >= range.upperBound { return range.upperBound..<next.upperBound }
            if next.upperBound == range.upperBound, next.lowerBound <= range.lowerBound { return next.lowerBound..<range.lowerBound }
            return nil
        }
    }

    private func isComputedBackwards(_ frame: WindowFrame) -> Bool {
        if case .rows(.some, nil) = frame { return !isOrderSensitive }
        return false
    }

    private func finish(_ state: any AggregateState, _ output: WindowOutput) throws(ZLError) -> ColumnVector {
        let value = try state.finish().flattened()
        if !value.heaps.isEmpty { output.adopt(value.heaps) }
        return value
    }

    private func add(
        _ partition: WindowPartition, _ range: Range<Int>, to state: any AggregateState, _ row: Int
    ) throws(ZLError) {
        if partition.filter == nil, partition.exclusion == .noOthers {
            var start = range.lowerBound
            while start < range.upperBound {
                let end = min(range.upperBound, start + DataChunk.blockSize)
                try state.update(partition.arguments.map { $0.slice(start..<end) }, count: end - start, groups: nil)
                start = end
            }
            return
        }
        var picked: [UInt32] = []
        for other in range where partition.filter?[other] != 0 && !partition.excludes(other, from: row) { picked.append(UInt32(other)) }
        if picked.isEmpty { return }
        let vectors = picked.withUnsafeBufferPointer { indices in
            partition.arguments.map { argument in
                indices.baseAddress.map { argument.gather($0, count: picked.count) } ?? argument
            }
        }
        try state.update(vectors, count: picked.count, groups: nil)
    }
}

extension WindowOutput {
    /// Copies a value that is not NULL; long strings stay where they are, so the source must outlive the output.
    func copy(_ source: ColumnVector, from place: Int, to row: Int) {
        switch type.physical.stride {
        case 1: values(UInt8.self)[row] = source.values(UInt8.self)[place]
        case 2: values(UInt16.self)[row] = source.values(UInt16.self)[place]
        case 4: values(UInt32.self)[row] = source.values(UInt32.self)[place]
        case 8: values(UInt64.self)[row] = source.values(UInt64.self)[place]
        default: values(StringView.self)[row] = source.values(StringView.self)[place]
        }
        valid[row] = 1
    }

    /// Copies the values of neighbouring rows, NULLs included.
    func copy(_ source: ColumnVector, from place: Int, to rows: Range<Int>) {
        guard !rows.isEmpty else { return }
        let stride = type.physical.stride
        let target = UnsafeMutableRawPointer(values(UInt8.self) + self.rows.lowerBound) + (rows.lowerBound - self.rows.lowerBound) * stride
        target.copyMemory(from: UnsafeRawPointer(source.values(UInt8.self)) + place * stride, byteCount: rows.count * stride)
        if source.mayHaveNulls {
            for index in 0..<rows.count { valid[rows.lowerBound + index] = source.isNull(place + index) ? 0 : 1 }
        } else {
            (valid + rows.lowerBound).update(repeating: 1, count: rows.count)
        }
    }

    func set(_ value: Double?, at row: Int) {
        guard let value else { return }
        values(Double.self)[row] = value
        valid[row] = 1
    }

    func set(_ value: Int64, at row: Int) {
        values(Int64.self)[row] = value
        valid[row] = 1
    }
}
