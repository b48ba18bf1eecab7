import Testing

@testable import ZLColumnar

@Suite struct BlockSpaceTests {
    @Test func freeBlocksAreGivenOutAgainAndHeldOnesAreNot() {
        let space = BlockSpace()
        let first = space.claim(3)
        var second: BlockSpan? = space.claim(2)
        let third = space.claim(1)
        #expect(first.blocks == 0..<3 && second?.blocks == 3..<5 && third.blocks == 5..<6)
        #expect(space.claim(1, at: 4) == nil)
        let again = space.share(4..<5)
        second = nil
        #expect(space.claim(2).blocks == 6..<8)
        let reused = space.claim(1)
        #expect(reused.blocks == 3..<4)
        #expect(space.end == 6)
        withExtendedLifetime((first, third, again, reused)) {}
    }
}
