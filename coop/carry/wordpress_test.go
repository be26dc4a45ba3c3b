// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// export is a file of WordPress around its items.
func export(items string) string {
	return `<?xml version="1.0" encoding="UTF-8" ?>
<!-- This is a WordPress eXtended RSS file -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Telar</title><link>https://telar.example</link><language>es-AR</language><wp:wxr_version>1.2</wp:wxr_version>
<wp:author><wp:author_login>eva</wp:author_login></wp:author><wp:category><wp:cat_name><![CDATA[Pan]]></wp:cat_name></wp:category>
<image><title>not this</title></image>` + items + `</channel></rss>`
}

// blogPost is an item; more stands behind its members.
func blogPost(title, content, more string) string {
	return `<item><title><![CDATA[` + title + `]]></title><link>https://telar.example/2024/` + strings.ToLower(title) + `/</link><guid isPermaLink="false">https://telar.example/?p=` + fmt.Sprint(len(title)) + `</guid>
<dc:creator>eva</dc:creator><pubDate>Thu, 02 May 2024 13:00:00 +0000</pubDate><content:encoded><![CDATA[` + content + `]]></content:encoded><wp:post_id>7</wp:post_id><wp:post_date>2024-05-02 10:00:00</wp:post_date>` + more + `</item>`
}

const published = `<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>`

// TestWordPress reads posts, and leaves out what is none.
func TestWordPress(t *testing.T) {
	text := export(blogPost("Masa", `<!-- wp:paragraph --><p>Harina &amp; <b>agua</b>.</p><!-- /wp:paragraph -->`, published+
		`<wp:post_name>masa-madre</wp:post_name><excerpt:encoded><![CDATA[]]></excerpt:encoded><category domain="category" nicename="pan"><![CDATA[Pan]]></category>
		<category domain="post_tag" nicename="harina">Harina</category><category domain="post_tag" nicename="pan">pan</category><category domain="category" nicename="uncategorized">Sin categoría</category>
		<wp:comment><wp:comment_content>not this</wp:comment_content></wp:comment><wp:postmeta><wp:meta_key>x</wp:meta_key></wp:postmeta>`) +
		blogPost("Vieja", "Uno\n\n[caption id=\"1\" width=\"3\"]<a href=\"b.jpg\"><img src=\"/a.jpg\" alt=\"Horno\" /></a> El horno[/caption]\n\nDos [no es]", published+`<excerpt:encoded>De antes</excerpt:encoded>`) +
		blogPost("Secreto", "x", published+`<wp:post_password>1234</wp:post_password>`) + blogPost("Borrador", "x", `<wp:status>draft</wp:status><wp:post_type>post</wp:post_type>`) +
		blogPost("Nada", " ", published) + blogPost("Larga", strings.Repeat("x", 2*coop.MaxArticleBytes+1), published) +
		blogPost("Basura", "x", `<wp:status>trash</wp:status><wp:post_type>post</wp:post_type>`) + blogPost("Foto", "x", `<wp:status>inherit</wp:status><wp:post_type>attachment</wp:post_type>`) +
		blogPost("Página", "x", `<wp:status>publish</wp:status><wp:post_type>page</wp:post_type>`))
	var list []Article
	var bad []string
	if err := WordPress(strings.NewReader(text), "es", coop.DefaultLicence, func(n int, a Article, problem Problem) error {
		if problem != "" {
			bad = append(bad, fmt.Sprint(n, " ", problem))
			return nil
		}
		list = append(list, a)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []Article{
		{"masa-madre", "Masa", "Harina & agua.", "es-AR", coop.DefaultLicence, "2024-05-02", "https://telar.example/2024/masa/", []string{"Pan", "Harina"}, "Harina \\& **agua**.", "https://telar.example/?p=4", false},
		{
			"post 2", "Vieja", "De antes", "es-AR", coop.DefaultLicence, "2024-05-02", "https://telar.example/2024/vieja/", nil,
			"Uno\n\n![Horno](https://telar.example/a.jpg) El horno\n\nDos \\[no es\\]", "https://telar.example/?p=5", false,
		},
		{"post 3", "Secreto", "x", "es-AR", coop.DefaultLicence, "2024-05-02", "https://telar.example/2024/secreto/", nil, "x", "https://telar.example/?p=7", true},
		{"post 4", "Borrador", "x", "es-AR", coop.DefaultLicence, "2024-05-02", "https://telar.example/2024/borrador/", nil, "x", "https://telar.example/?p=8", true},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	if got := strings.Join(bad, ", "); got != "5 empty, 6 length" {
		t.Errorf("bad are %s", got)
	}
}

// TestWordPressRefusesWhatIsNone: other files, and files made to break programs.
func TestWordPressRefusesWhatIsNone(t *testing.T) {
	for name, text := range map[string]string{"nothing": "", "a page": "<html><body>x</body></html>", "text": "title\nBaker", "a bomb": `<!DOCTYPE r [<!ENTITY a "x">]>` + export(blogPost("Masa", "x", published))} {
		var invalid *coop.InvalidError
		if err := WordPress(strings.NewReader(text), "es", "", func(int, Article, Problem) error { return nil }); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzWordPress never panics and never gives more than an article may hold.
func FuzzWordPress(f *testing.F) {
	f.Add([]byte(export(blogPost("Masa", "<p>x</p>", published))))
	f.Add([]byte(export(blogPost("Masa", "a\n\n[gallery ids=1][caption]", published+`<category domain="category">Pan</category>`))))
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = WordPress(strings.NewReader(string(data)), "es", "", func(n int, a Article, problem Problem) error {
			if problem == "" && (strings.TrimSpace(a.Text) == "" || len([]rune(a.Title)) > 150 || len([]rune(a.Summary)) > 500 || len(a.Text) > coop.MaxArticleBytes || len(a.Topics) > mostTopics || a.Key == "") {
				t.Errorf("%d: %+v", n, a)
			}
			return nil
		})
	})
}
