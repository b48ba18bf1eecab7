import ZLColumnar

/// Moments of doubles: within a block of source rows as sums of distances from the group's first value there, blocks in order.
///
/// A partial state keeps the moments of each block apart, so that merging takes in the same numbers in the same order as one state that
/// saw all rows. A pair with a NULL does not count.
///
/// - Complexity: O(1) a row; a partial state holds O(groups * blocks of its part).
final class MomentState: BatchAggregateState {
    private struct Slot {
        /// Closed blocks; not used by a partial state.
        var total = Moments()
        /// `block` so far.
        var open = AnchoredSums(anchorX: 0, anchorY: 0)
        var block: Int32 = -1
        var count: UInt32 = 0
    }

    private let formula: any MomentFormula
    private let isPair: Bool
    private let isPartial: Bool
    private var slots = GroupArray(Slot())
    private var closed: ClosedMoments


    init(_ formula: any MomentFormula, isPartial: Bool = false) {
        self.formula = formula
        self.isPartial = isPartial
        isPair = formula.arity > 1
        closed = ClosedMoments(isPair: isPair)
    }

    var addsByBlock: Bool { true }

    func grow(to groupCount: Int) { slots.grow(to: groupCount) }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        var (vectors, rows) = (arguments.prefix(isPair ? 2 : 1).map { $0.flattened() }, rows)
        if rows.isOneGroup { (vectors, rows) = rows.withoutNulls(vectors) }
        let (first, second) = (vectors[0], vectors[isPair ? 1 : 0])
        if isPartial { closed.makeRoom(rows.mostClosed) }
        if isPair { add(first, second, rows, isPair: true) } else { add(first, second, rows, isPair: false) }
        withExtendedLifetime((first, second)) {}
    }

    /// - Parameter isPair: the state's, as a constant that loops are made for.
    @inline(__always)
    private func add(_ first: ColumnVector, _ second: ColumnVector, _ rows: AggregateRows, isPair: Bool) {
        let (x, y) = (first.values(Double.self), second.values(Double.self))
        if first.mayHaveNulls || second.mayHaveNulls {
            let (left, right) = (NullMask(first), NullMask(second))
            add(x, y, rows, isPair: isPair) { left.isNull($0) || right.isNull($0) }
        } else if rows.isOneGroup {
            for run in rows.runs { addLanes(x + run.start, y + run.start, run.end - run.start, block: run.block, isPair: isPair) }
        } else {
            add(x, y, rows, isPair: isPair) { _ in false }
        }
    }

    @inline(__always)
    private func add(
        _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ rows: AggregateRows, isPair: Bool, isNull: (Int) -> Bool
    ) {
        let slots = slots.values
        @inline(__always)
        func add(_ row: Int, _ group: Int, _ block: Int) {
            if isNull(row) { return }
            let slot = slots + group
            let number = Int32(truncatingIfNeeded: block)
            if slot.pointee.block != number {
                close(group, slot, isPair: isPair)
                slot.pointee.open = AnchoredSums(anchorX: x[row], anchorY: y[row])
                slot.pointee.block = number
                slot.pointee.count = 0
            }
            slot.pointee.open.add(x[row], y[row], isPair: isPair)
            slot.pointee.count &+= 1
        }
        if let groups = rows.groups {
            if let blocks = rows.blocks {
                for row in 0..<rows.count { add(row, Int(groups[row]), Int(blocks[row])) }
            } else {
                for row in 0..<rows.border { add(row, Int(groups[row]), rows.block) }
                for row in rows.border..<rows.count { add(row, Int(groups[row]), rows.block + 1) }
            }
        } else {
            for run in rows.runs {
                for row in run.start..<run.end { add(row, run.group, run.block) }
            }
        }
    }

    @inline(__always)
    private func close(_ group: Int, _ slot: UnsafeMutablePointer<Slot>, isPair: Bool) {
        guard slot.pointee.count > 0 else { return }
        let moments = slot.pointee.open.moments(Int(slot.pointee.count), isPair: isPair)
        if isPartial {
            closed.append(group, moments)
        } else {
            slot.pointee.total.add(moments, isPair: isPair)
        }
    }

    /// The rows of a block without GROUP BY, which come together whatever the threads, in eight lanes.
    @inline(__always)
    private func addLanes(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, block: Int, isPair: Bool) {
        let slot = slots.values
        let number = Int32(truncatingIfNeeded: block)
        if slot.pointee.block != number {
            close(0, slot, isPair: isPair)
            slot.pointee.open = AnchoredSums(anchorX: x[0], anchorY: y[0])
            slot.pointee.block = number
            slot.pointee.count = 0
        }
        var open = slot.pointee.open
        let (left, right) = (UnsafeRawPointer(x), UnsafeRawPointer(y))
        let (anchorX, anchorY) = (SIMD8(repeating: open.anchorX), SIMD8(repeating: open.anchorY))
        var (sumX, sumY) = (SIMD8<Double>(repeating: 0), SIMD8<Double>(repeating: 0))
        var (xx, yy, xy) = (sumX, sumX, sumX)
        var row = 0
        while row + 8 <= count {
            let dx = left.loadUnaligned(fromByteOffset: row * 8, as: SIMD8<Double>.self) - anchorX
            sumX += dx
            xx += dx * dx
            if isPair {
                let dy = right.loadUnaligned(fromByteOffset: row * 8, as: SIMD8<Double>.self) - anchorY
                sumY += dy
                yy += dy * dy
                xy += dx * dy
            }
            row += 8
        }
        while row < count {
            open.add(x[row], y[row], isPair: isPair)
            row += 1
        }
        open.x += MomentState.total(sumX)
        open.xx += MomentState.total(xx)
        if isPair {
            open.y += MomentState.total(sumY)
            open.yy += MomentState.total(yy)
            open.xy += MomentState.total(xy)
        }
        slot.pointee.open = open
        slot.pointee.count &+= UInt32(truncatingIfNeeded: count)
    }

    @inline(__always)
    private static func total(_ lanes: SIMD8<Double>) -> Double {
        let four = lanes.lowHalf + lanes.highHalf
        let two = four.lowHalf + four.highHalf
        return two[0] + two[1]
    }

    func makePartial() -> (any AggregateState)? { MomentState(formula, isPartial: true) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? MomentState else { return }
        let (slots, theirs, isPair) = (slots.values, partial.slots.values, isPair)
        partial.closed.forEach { slots[Int(groups[$0])].total.add($1, isPair: isPair) }
        for other in 0..<partial.slots.count where theirs[other].count > 0 {
            let moments = theirs[other].open.moments(Int(theirs[other].count), isPair: isPair)
            slots[Int(groups[other])].total.add(moments, isPair: isPair)
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        let (slots, isPair) = (slots.values, isPair)
        return .moments(count: self.slots.count, formula) { group in
            var moments = slots[group].total
            if slots[group].count > 0 {
                moments.add(slots[group].open.moments(Int(slots[group].count), isPair: isPair), isPair: isPair)
            }
            return moments
        }
    }
}

/// Moments of blocks in the order in which they were closed, each with its group. One value alone takes no more room than itself.
private struct ClosedMoments {
    private let isPair: Bool
    private var buffer = Buffer(byteCount: 16)
    private var used = 0

    init(isPair: Bool) { self.isPair = isPair }

    private var wordsOfOne: Int { isPair ? 3 : 2 }
    private var wordsOfSeveral: Int { isPair ? 8 : 4 }

    mutating func makeRoom(_ count: Int) {
        let needed = (used + count * wordsOfSeveral) * 8
        guard needed > buffer.byteCount else { return }
        let larger = Buffer(byteCount: max(needed, 2 * buffer.byteCount))
        larger.address.copyMemory(from: buffer.address, byteCount: used * 8)
        buffer = larger
    }

    @inline(__always)
    mutating func append(_ group: Int, _ moments: Moments) {
        let isOne = moments.count == 1 && moments.x == 0 && (!isPair || moments.y == 0)
        let count = isOne ? 0 : UInt64(moments.count)
        buffer.values(UInt64.self)[used] = UInt64(truncatingIfNeeded: group) | count << 32
        let values = buffer.values(Double.self) + used + 1
        values[0] = moments.anchorX
        if isOne {
            if isPair { values[1] = moments.anchorY }
            used += wordsOfOne
            return
        }
        values[1] = moments.x
        values[2] = moments.xx
        if isPair {
            values[3] = moments.anchorY
            values[4] = moments.y
            values[5] = moments.yy
            values[6] = moments.xy
        }
        used += wordsOfSeveral
    }

    @inline(__always)
    func forEach(_ body: (_ group: Int, Moments) -> Void) {
        let words = buffer.values(UInt64.self)
        var place = 0
        while place < used {
            let values = buffer.values(Double.self) + place + 1
            var moments = Moments(count: 1, anchorX: values[0])
            let group = Int(UInt32(truncatingIfNeeded: words[place]))
            let count = words[place] >> 32
            if count == 0 {
                if isPair { moments.anchorY = values[1] }
                place += wordsOfOne
            } else {
                moments.count = Double(count)
                moments.x = values[1]
                moments.xx = values[2]
                if isPair {
                    moments.anchorY = values[3]
                    moments.y = values[4]
                    moments.yy = values[5]
                    moments.xy = values[6]
                }
                place += wordsOfSeveral
            }
            body(group, moments)
        }
    }
}

extension ColumnVector {
    /// A formula's value for each group, NULL where it has none.
    @inline(__always)
    static func moments(count: Int, _ formula: any MomentFormula, _ moments: (Int) -> Moments) -> ColumnVector {
        let buffer = Buffer(byteCount: max(16, count * 8))
        var validity: ValidityBitmap?
        for group in 0..<count {
            let found = moments(group)
            if found.count > 0, let value = formula.value(found) {
                buffer.values(Double.self)[group] = value
                continue
            }
            buffer.values(Double.self)[group] = 0
            let bitmap = validity ?? ValidityBitmap(count: count, allValid: true)
            bitmap.setNull(group)
            validity = bitmap
        }
        return ColumnVector(type: .double, count: count, buffer: buffer, validity: validity)
    }
}
