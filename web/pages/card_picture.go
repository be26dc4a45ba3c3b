// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"minga/coop"
)

// The picture that previews of a page show (ogp.me): title, kind, co-op and closing date
// as a card of paper, drawn here.
const (
	cardWidth  = 1200
	cardHeight = 630
	cardEdge   = 72 // pixels left free
	titleLines = 4
	// mostCards is how many pictures are remembered, each of some 30 kB.
	mostCards = 64
)

// cardText is what stands on a picture.
type cardText struct {
	Kind, Title, Who, When, Place string
	Edge                          color.Color // of the kind
}

// painter draws one picture at a time, and remembers the last ones by what is on them.
type painter struct {
	mu    sync.Mutex
	bold  *opentype.Font
	plain *opentype.Font
	done  map[cardText][]byte
	order []cardText
}

// newPainter reads the fonts, which are part of the program.
func newPainter() (*painter, error) {
	p := &painter{done: map[cardText][]byte{}}
	var err error
	if p.bold, err = opentype.Parse(gobold.TTF); err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	if p.plain, err = opentype.Parse(goregular.TTF); err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	return p, nil
}

// picture is a text as PNG.
func (p *painter) picture(t cardText) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.done[t]; known != nil {
		return known, nil
	}
	drawn, err := p.paint(t)
	if err != nil {
		return nil, fmt.Errorf("draw a card: %w", err)
	}
	if len(p.order) >= mostCards {
		delete(p.done, p.order[0])
		p.order = p.order[1:]
	}
	p.done[t], p.order = drawn, append(p.order, t)
	return drawn, nil
}

// The colours of the light scheme.
var (
	cardPaper = color.RGBA{0xFB, 0xF7, 0xF0, 0xFF}
	cardInk   = color.RGBA{0x2A, 0x21, 0x1B, 0xFF}
	cardInk2  = color.RGBA{0x5C, 0x4F, 0x45, 0xFF}
	cardClay  = color.RGBA{0x9C, 0x3A, 0x1E, 0xFF}
	cardMaize = color.RGBA{0xF2, 0xC1, 0x4E, 0xFF}
	cardLeaf  = color.RGBA{0x2F, 0x6B, 0x3C, 0xFF}
	cardSky   = color.RGBA{0x1F, 0x5A, 0x8A, 0xFF}
	cardPlum  = color.RGBA{0x6B, 0x3A, 0x6E, 0xFF}
)

// paint draws the band, the edge of the kind, and the words.
func (p *painter) paint(t cardText) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, cardWidth, cardHeight))
	fill(img, img.Bounds(), cardPaper)
	for x, n := 0, 0; x < cardWidth; x, n = x+48, n+1 {
		fill(img, image.Rect(x, 0, x+48, 16), []color.Color{cardClay, cardMaize, cardLeaf, cardSky}[n%4])
	}
	fill(img, image.Rect(0, 16, 20, cardHeight), t.Edge)
	y := 120
	if t.Kind != "" {
		if err := p.chip(img, t.Kind, y); err != nil {
			return nil, err
		}
	}
	face, lines, err := p.fit(t.Title)
	if err != nil {
		return nil, err
	}
	y += 30
	for _, line := range lines {
		y += face.Metrics().Height.Ceil()
		write(img, face, cardInk, line, cardEdge, y)
	}
	return p.finish(img, t)
}

// finish writes who, until when and where, and encodes.
func (p *painter) finish(img *image.RGBA, t cardText) ([]byte, error) {
	for _, one := range []struct {
		font *opentype.Font
		size float64
		ink  color.Color
		text string
		y    int
	}{{p.bold, 34, cardInk, t.Who, cardHeight - 128}, {p.plain, 30, cardInk2, t.When, cardHeight - 84}, {p.plain, 26, cardInk2, t.Place, cardHeight - 40}} {
		face, err := faceOf(one.font, one.size)
		if err != nil {
			return nil, err
		}
		write(img, face, one.ink, cut(face, one.text, cardWidth-2*cardEdge), cardEdge, one.y)
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, img); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// chip writes a kind on maize.
func (p *painter) chip(img *image.RGBA, text string, y int) error {
	face, err := faceOf(p.bold, 28)
	if err != nil {
		return err
	}
	text = cut(face, text, cardWidth-2*cardEdge-40)
	width := font.MeasureString(face, text).Ceil()
	fill(img, image.Rect(cardEdge, y-36, cardEdge+width+40, y+14), cardMaize)
	write(img, face, cardInk, text, cardEdge+20, y)
	return nil
}

// fit chooses the largest letters with which a title has room.
func (p *painter) fit(title string) (font.Face, []string, error) {
	title = coop.Truncate(title, 300)
	for size := 68.0; ; size -= 8 {
		face, err := faceOf(p.bold, size)
		if err != nil {
			return nil, nil, err
		}
		lines := wrap(face, title, cardWidth-2*cardEdge)
		if most := min(titleLines, int(300/face.Metrics().Height.Ceil())); len(lines) <= most || size <= 40 {
			return face, lines[:min(len(lines), max(most, 1))], nil
		}
	}
}

// faceOf is a font in a size, in pixels.
func faceOf(f *opentype.Font, size float64) (font.Face, error) {
	return opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
}

// wrap breaks a text into lines of a width; what has no end is cut.
func wrap(face font.Face, text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && font.MeasureString(face, longer).Ceil() > width {
			lines, line = append(lines, line), cut(face, word, width)
			continue
		}
		line = cut(face, longer, width)
	}
	return append(lines, line)
}

// cut shortens a line to a width.
func cut(face font.Face, text string, width int) string {
	if font.MeasureString(face, text).Ceil() <= width {
		return text
	}
	letters := []rune(text)
	for n := len(letters) - 1; n > 0; n-- {
		if short := string(letters[:n]) + "…"; font.MeasureString(face, short).Ceil() <= width {
			return short
		}
	}
	return ""
}

// write writes a line with its foot at y.
func write(img *image.RGBA, face font.Face, ink color.Color, text string, x, y int) {
	d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// fill paints an area.
func fill(img *image.RGBA, area image.Rectangle, ink color.Color) {
	draw.Draw(img, area, image.NewUniform(ink), image.Point{}, draw.Src)
}

// cardPath is the picture of a post.
func cardPath(id coop.ID) string { return "/cards/" + id.String() + ".png" }

// card answers /cards/ID.png, and /cards/home.png for this place.
func (f *Face) card(c *gin.Context) error {
	name, ok := strings.CutSuffix(c.Param("name"), ".png")
	if !ok {
		return fmt.Errorf("picture %.40q: %w", c.Param("name"), coop.ErrNotFound)
	}
	t := f.words.of(f.Language)
	if t == nil {
		t = f.words.tongues["en"]
	}
	text := cardText{Title: f.federationName(c), Who: f.Host, When: t.T("home_intro"), Edge: cardClay}
	if name != "home" {
		id, err := coop.ParseID(name)
		if err != nil {
			return fmt.Errorf("picture %.40q: %w", name, coop.ErrNotFound)
		}
		p, err := f.Store.Post(c.Request.Context(), anybody(), id)
		if err != nil {
			return err
		}
		if p.Job == nil && p.Article == nil {
			return fmt.Errorf("picture of %s: %w", id, coop.ErrNotFound)
		}
		text = f.cardOf(t, p, f.federationName(c))
	}
	body, err := f.painter.picture(text)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "public, max-age=3600")
	c.Header("Cross-Origin-Resource-Policy", "cross-origin")
	send(c, http.StatusOK, "image/png", fingerprint(body), body, nil)
	return nil
}

// cardOf is what stands on the picture of a job or an article, in the language of its
// text where that is one of ours.
func (f *Face) cardOf(t *tongue, p *coop.Post, place string) cardText {
	if own := f.words.of(p.Language); own != nil {
		t = own
	}
	text := cardText{Title: plainLine(p.Title), Who: plainLine(f.person(p.Author).Name), Place: plainLine(place) + " · " + f.Host, Edge: cardPlum}
	if p.Job == nil {
		text.Kind = t.T("nav_library")
		return text
	}
	text.Title, text.Kind, text.Edge = plainLine(p.Job.Title), t.engagement(p.Job), cardLeaf
	if now := f.Now(); p.Job.Applicable(now) {
		text.When = t.T("card_until") + " " + t.Day(p.Job.ValidThrough)
	} else {
		text.When, text.Edge = t.badge(p.Job, now).Word, cardInk2
	}
	return text
}

// plainLine is a line without what has no width or turns the direction.
func plainLine(s string) string { return coop.CleanLine(s, 300) }
