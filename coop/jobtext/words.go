// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

import (
	"strings"
	"sync"

	"minga/coop"
)

// Languages are those of the words, the first of each list below being the one that
// is written.
func Languages() []string { return []string{"es", "en", "ca", "it", "pt"} }

// vocabulary lists words by meaning and by language, with commas between.
type vocabulary map[string]map[string]string

// labels are the words before the colons.
var labels = vocabulary{
	string(Title): {
		"es": "Empleo, Trabajo, Vacante, Oferta de empleo, Oferta de trabajo", "en": "Job, Job offer, Vacancy", "ca": "Feina, Oferta de feina",
		"it": "Lavoro, Offerta di lavoro", "pt": "Vaga, Emprego, Vaga de emprego",
	},
	string(Where):   {"es": "Dónde, Lugar", "en": "Where, Place", "ca": "On, Lloc", "it": "Dove, Luogo", "pt": "Onde, Local"},
	string(Hours):   {"es": "Horas", "en": "Hours", "ca": "Hores", "it": "Ore", "pt": "Horas"},
	string(Pay):     {"es": "Paga, Retiro, Salario, Sueldo", "en": "Pay, Salary", "ca": "Sou, Salari", "it": "Paga, Compenso, Stipendio", "pt": "Remuneração, Salário"},
	string(ApplyBy): {"es": "Hasta, Hasta el", "en": "Apply by, Until", "ca": "Fins a, Fins al", "it": "Entro, Entro il", "pt": "Até, Até o dia"},
	string(ApplyAt): {
		"es": "Postular en, Postular a, Postularse en", "en": "Apply at, Apply to", "ca": "Envia a, Presentar-s'hi a", "it": "Candidature a, Candidarsi a",
		"pt": "Candidaturas, Candidaturas a, Candidatar-se em",
	},
	string(Kind): {"es": "Vínculo, Tipo", "en": "Kind", "ca": "Vincle, Tipus", "it": "Rapporto, Tipo", "pt": "Vínculo, Tipo"},
}

// states are what the first line may say became of the job. A job cannot be made to
// expire; the word is there since the clock writes it.
var states = vocabulary{
	string(coop.JobFilled): {
		"es": "Cubierto, Cubierta, Puesto cubierto, Vacante cubierta", "en": "Filled, Position filled", "ca": "Coberta, Cobert, Plaça coberta",
		"it": "Coperto, Coperta, Posto coperto, Posizione coperta", "pt": "Preenchida, Preenchido, Vaga preenchida",
	},
	string(coop.JobWithdrawn): {"es": "Retirado, Retirada", "en": "Withdrawn", "ca": "Retirada, Retirat", "it": "Ritirato, Ritirata", "pt": "Retirada, Retirado"},
	string(coop.JobClosed):    {"es": "Cerrado, Cerrada", "en": "Closed", "ca": "Tancada, Tancat", "it": "Chiuso, Chiusa", "pt": "Encerrada, Encerrado, Fechada, Fechado"},
	string(coop.JobPaused):    {"es": "En pausa, Pausado, Pausada", "en": "Paused, On hold", "ca": "En pausa, Pausada, Pausat", "it": "In pausa, Sospeso, Sospesa", "pt": "Em pausa, Pausada, Pausado"},
	string(coop.JobExpired):   {"es": "Vencido, Vencida, Caducado", "en": "Expired", "ca": "Caducada, Caducat", "it": "Scaduto, Scaduta", "pt": "Expirada, Expirado"},
	string(coop.JobOpen): {
		"es": "Abierto de nuevo, Abierto, Abierta, Reabierto, Reabierta, Abierta de nuevo", "en": "Open again, Open, Reopened",
		"ca": "Oberta de nou, Oberta, Obert, Reoberta, Obert de nou", "it": "Di nuovo aperto, Aperto, Aperta, Riaperto, Riaperta, Di nuovo aperta",
		"pt": "Aberta de novo, Aberta, Aberto, Reaberta, Reaberto, Aberto de novo",
	},
}

// kinds are the engagements.
var kinds = vocabulary{
	"membership": {
		"es": "Persona socia, Socio, Socia, Asociado, Asociada, Cooperativista, Membresía, Socio o socia", "en": "Membership, Member", "ca": "Persona sòcia, Soci, Sòcia, Adhesió",
		"it": "Socio lavoratore, Socia lavoratrice, Socio, Socia, Adesione", "pt": "Pessoa cooperada, Cooperado, Cooperada, Associado, Associada, Sócio, Sócia, Membro",
	},
	"employment": {
		"es": "Empleo, Empleada, Empleado, Relación de dependencia, En relación de dependencia, Contrato laboral, Cuenta ajena", "en": "Employment, Employee, Employed",
		"ca": "Contracte laboral, Ocupació, Assalariat, Assalariada", "it": "Lavoro dipendente, Dipendente, Assunzione, Impiego", "pt": "Emprego, CLT, Empregado, Empregada, Vínculo empregatício, Contrato de trabalho",
	},
	"freelance": {
		"es": "Autónomo, Autónoma, Independiente, Por cuenta propia, Freelance, Monotributo", "en": "Freelance, Freelancer, Contractor, Self-employed", "ca": "Autònom, Autònoma, Freelance",
		"it": "Partita IVA, Autonomo, Autonoma, Freelance, Lavoro autonomo", "pt": "Autônomo, Autónomo, Autônoma, Autónoma, Freelance, PJ, Freelancer",
	},
	"inter-coop": {
		"es": "Entre cooperativas, Intercooperación", "en": "Inter-coop, Between co-ops, For co-ops", "ca": "Entre cooperatives, Intercooperació", "it": "Tra cooperative, Fra cooperative, Intercooperazione",
		"pt": "Entre cooperativas, Intercooperação",
	},
	"volunteer": {
		"es": "Voluntariado, Voluntario, Voluntaria", "en": "Volunteer, Voluntary, Voluntary work, Volunteering", "ca": "Voluntariat, Voluntari, Voluntària", "it": "Volontariato, Volontario, Volontaria",
		"pt": "Voluntariado, Voluntário, Voluntária",
	},
	"internship": {"es": "Prácticas, Pasantía, Práctica profesional", "en": "Internship, Intern, Traineeship", "ca": "Pràctiques", "it": "Tirocinio, Stage", "pt": "Estágio"},
	"apprenticeship": {
		"es": "Aprendizaje, Aprendiz", "en": "Apprenticeship, Apprentice", "ca": "Aprenentatge, Aprenent", "it": "Apprendistato, Apprendista", "pt": "Aprendizagem, Jovem aprendiz, Aprendiz",
	},
	"board": {
		"es": "Consejo de administración, Consejo rector, Consejo", "en": "Board, Seat on the board, Board seat", "ca": "Consell rector, Consell", "it": "Consiglio di amministrazione, Consiglio, CdA",
		"pt": "Conselho de administração, Conselho, Diretoria",
	},
}

// units are what pay is for.
var units = vocabulary{
	"HOUR":  {"es": "hora, horas, h, hr, hs", "en": "hour, hours, hourly", "ca": "hora, hores", "it": "ora, ore, oraria, orario", "pt": "hora, horas"},
	"DAY":   {"es": "día, días, jornada, diario, diaria, diarios", "en": "day, days, daily", "ca": "dia, diari, jornada", "it": "giorno, giornata, giornaliero, giornaliera", "pt": "dia, diária, diário"},
	"WEEK":  {"es": "semana, semanal, semanales", "en": "week, weekly", "ca": "setmana, setmanal, setmanals", "it": "settimana, settimanale, settimanali", "pt": "semana, semanal, semanais"},
	"MONTH": {"es": "mes, mensual, mensuales", "en": "month, monthly", "ca": "mes, mensual, mensuals", "it": "mese, mensile, mensili", "pt": "mês, mensal, mensais"},
	"YEAR":  {"es": "año, anual, anuales", "en": "year, yearly, annual, annum", "ca": "any, anual, anuals", "it": "anno, annuo, annua, annui, annuale, annuali", "pt": "ano, anual, anuais"}, //nolint:misspell // words of other languages
}

// taxes say whether pay is before or after tax.
var taxes = vocabulary{
	"gross": {"es": "bruto, bruta, brutos, brutas", "en": "gross, before tax", "ca": "brut, bruts, bruta", "it": "lordo, lordi, lorda", "pt": "bruto, brutos, bruta"},
	"net":   {"es": "neto, neta, netos, en mano, de bolsillo", "en": "net, after tax", "ca": "net, nets, neta", "it": "netto, netti, netta", "pt": "líquido, líquidos, líquida"},
}

// unpaid says that there is no pay.
var unpaid = vocabulary{"unpaid": {
	"es": "sin paga, sin remuneración, no remunerado, no remunerada, nada", "en": "unpaid, none, no pay, voluntary", "ca": "sense sou, no remunerat, no remunerada", "it": "nessuna paga, non retribuito, non retribuita, senza compenso", //nolint:misspell // words of other languages
	"pt": "sem remuneração, não remunerado, não remunerada",
}}

// modes are how far one works away from a place.
var modes = vocabulary{
	"remote": {
		"es": "remoto, remota, en remoto, a distancia, teletrabajo, en forma remota, desde casa", "en": "remote, remotely, fully remote, work from home, from home", "ca": "en remot, remot, remota, a distància, teletreball",
		"it": "da remoto, remoto, in remoto, a distanza, telelavoro, da casa", "pt": "remoto, remota, a distância, à distância, teletrabalho, home office, trabalho remoto",
	},
	"hybrid": {
		"es": "híbrido, híbrida, semipresencial, mixto", "en": "hybrid, partly remote", "ca": "híbrid, híbrida, semipresencial", "it": "ibrido, ibrida", "pt": "híbrido, híbrida, semipresencial",
	},
	"onsite": {"es": "presencial", "en": "on site, on-site, onsite, in person", "ca": "presencial", "it": "in presenza, in sede", "pt": "presencial"},
	"anywhere": {
		"es": "desde cualquier lugar, cualquier lugar, cualquier país, desde cualquier país, todo el mundo, en cualquier parte, desde cualquier parte", "en": "anywhere, from anywhere, worldwide, anywhere in the world",
		"ca": "des de qualsevol lloc, qualsevol lloc, qualsevol país, arreu, arreu del món, tot el món", "it": "da ovunque, ovunque, da qualsiasi luogo, qualsiasi luogo, qualsiasi paese, tutto il mondo, dappertutto",
		"pt": "de qualquer lugar, qualquer lugar, qualquer país, todo o mundo, qualquer parte, de qualquer parte",
	},
}

// small are words that join others and mean nothing alone, folded.
var small = set(`a al alla allo all agli ai da dal dalla dalle dai de del dels des di do dos das du d e ed el els en em entre et fra tra i il in la las le les lo los l mas min max
	na no nas nos non o of ogni on an or ou oppure os per por pour y and at between each every from until to up the um uma un una uno circa approx about ca cada com con hasta fins finsa ate desde
	p pro around roughly aprox aproximadamente cerca`)

// set is a list of words to look into.
func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

// meaning is what a word says, and in which languages.
type meaning struct {
	key       string
	languages []string
}

// index turns a vocabulary round: folded words to what they mean. A word that means
// two things would be a mistake, which a test finds.
func (v vocabulary) index() map[string]meaning {
	all := map[string]meaning{}
	for key, byLanguage := range v {
		for _, lang := range Languages() {
			for word := range strings.SplitSeq(byLanguage[lang], ",") {
				if word = plainKey(word); word == "" {
					continue
				}
				m := all[word]
				m.key, m.languages = key, append(m.languages, lang)
				all[word] = m
			}
		}
	}
	return all
}

// plainKey is a word or a few as they are compared: folded, their words one space apart.
func plainKey(s string) string { return strings.Join(coop.Words(s), " ") }

// first is the word of a language that is written.
func (v vocabulary) first(key, lang string) string {
	word, _, _ := strings.Cut(v[key][lang], ",")
	return strings.TrimSpace(word)
}

// The vocabularies turned round, made once.
var (
	labelOf = sync.OnceValue(labels.index)
	stateOf = sync.OnceValue(states.index)
	kindOf  = sync.OnceValue(kinds.index)
	unitOf  = sync.OnceValue(units.index)
	taxOf   = sync.OnceValue(taxes.index)
	noPayOf = sync.OnceValue(unpaid.index)
	modeOf  = sync.OnceValue(modes.index)
)

// Label is the word before the colon of a line, in a language of ours.
func Label(lang string, f Field) string { return labels.first(string(f), Closest(lang)) }

// Closest is the language of ours for a BCP 47 tag: English where it is none.
func Closest(tag string) string {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	for _, lang := range Languages() {
		if lang == primary {
			return lang
		}
	}
	return "en"
}
